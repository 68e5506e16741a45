package io.socketreaper.config;

/**
 * Something wrong with the settings.
 *
 * @param text one sentence for the operator: what is wrong, where it stands, what is valid, and what happens now
 */
public record SettingsProblem(String text) {
    @Override
    public String toString() {
        return text;
    }
}
