/**
 * One leak, its site, and what was done about it, as plain records. Every report goes to each
 * {@link io.socketreaper.leak.LeakSink}; the sinks do not know each other. {@code detect} and {@code release} make these records on the
 * reaper thread; {@code report}, {@code jmx}, {@code jfr} and {@code metrics} show them.
 */
@NullMarked
package io.socketreaper.leak;

import org.jspecify.annotations.NullMarked;
