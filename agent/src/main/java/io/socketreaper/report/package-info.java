/**
 * Turns what happened into something a person can read. A {@link io.socketreaper.report.Leak} and its
 * {@link io.socketreaper.report.Outcome} go to every {@link io.socketreaper.report.Sink}; sinks are equals and know
 * nothing of each other. Called by {@code release} on the reaper thread.
 */
package io.socketreaper.report;
