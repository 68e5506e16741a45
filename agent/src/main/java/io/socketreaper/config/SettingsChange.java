package io.socketreaper.config;

import java.util.List;

/**
 * What came of an attempt to change settings of a running agent.
 *
 * @param effective the settings in force from now on; if there are problems, the unchanged ones
 * @param problems  why no setting is changed, a sentence each; empty if all are
 */
public record SettingsChange(Effective effective, List<String> problems) {}
