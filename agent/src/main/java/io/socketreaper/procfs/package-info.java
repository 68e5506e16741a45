/**
 * Any process from outside, as {@code /proc} of Linux shows it: descriptors, limits, socket tables, and what several snapshots
 * tell about sockets that are over but held. It attaches to no process and sends it no signal. {@code cli} calls it; the agent looks at its
 * own process through {@code descriptor}.
 */
@NullMarked
package io.socketreaper.procfs;

import org.jspecify.annotations.NullMarked;
