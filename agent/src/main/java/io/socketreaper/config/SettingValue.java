package io.socketreaper.config;

/**
 * One setting as it holds.
 *
 * @param value      as it would be written
 * @param origin     who set it, in words; {@code default} if nobody did
 * @param changeable whether it can be changed while the agent runs
 */
public record SettingValue(String name, String value, String origin, boolean changeable) {}
