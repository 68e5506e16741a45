/**
 * Reads the settings from their four sources once, at start, and reports the effective values and the problems.
 * The agent's start-up calls {@link io.socketreaper.config.SettingsReader}; every later room only reads
 * {@link io.socketreaper.config.Settings}. It runs before the application's main method, so no code here resolves a name,
 * initialises a logger or file system, or uses lambdas, streams or regular expressions.
 */
@NullMarked
package io.socketreaper.config;

import org.jspecify.annotations.NullMarked;
