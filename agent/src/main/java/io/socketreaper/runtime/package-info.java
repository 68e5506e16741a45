/**
 * The assembly: wires the packages together, runs the reaper thread and answers requests
 * ({@link io.socketreaper.runtime.AgentController}). No other package calls it, except {@code bootstrap} by way of
 * {@code CoreStart}.
 */
@NullMarked
package io.socketreaper.runtime;

import org.jspecify.annotations.NullMarked;
