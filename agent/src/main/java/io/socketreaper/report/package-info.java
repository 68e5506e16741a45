/**
 * Words only: the text of reports and the facts of log events, made of the records of {@code leak} and {@code model}.
 * {@link io.socketreaper.report.LogSink} writes them to the log; {@code jmx}, {@code jfr} and {@code control} use the same words. Reaper
 * thread.
 */
@NullMarked
package io.socketreaper.report;

import org.jspecify.annotations.NullMarked;
