/**
 * What can be asked of a running agent, and what can be asked for: its state as plain records, and {@link Control}, which JMX, metrics,
 * status page and command line share. Nothing here is loaded before somebody asks, but for the {@link LeakJournal}'s counts.
 */
@NullMarked
package io.socketreaper.control;

import org.jspecify.annotations.NullMarked;
