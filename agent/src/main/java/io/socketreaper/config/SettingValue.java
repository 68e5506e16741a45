package io.socketreaper.config;

/**
 * One setting as it holds.
 *
 * @param value      as it would be written
 * @param origin     the source that has set it, in words; {@code default} if there is none
 * @param changeable whether it can be changed while the agent runs
 */
public record SettingValue(String name, String value, String origin, boolean changeable) {
    static final String BY_DEFAULT = "default";

    /** Whether no source has set it. */
    public boolean isDefault() {
        return origin.equals(BY_DEFAULT);
    }
}
