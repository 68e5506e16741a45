package io.socketreaper.config;

import java.util.List;

/**
 * What came of an attempt to change settings of a running agent.
 *
 * @param effective what holds from now on; if there are problems, what held before
 * @param problems  why nothing is changed; empty if everything is
 */
public record SettingsChange(Effective effective, List<SettingsProblem> problems) {}
