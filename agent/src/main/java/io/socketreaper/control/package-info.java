/**
 * The requests to a running agent: its state as plain records, and {@link Control}, which JMX, metrics,
 * status page and command line share. Its classes are loaded with the first request, except the counts of the {@link LeakJournal}.
 */
@NullMarked
package io.socketreaper.control;

import org.jspecify.annotations.NullMarked;
