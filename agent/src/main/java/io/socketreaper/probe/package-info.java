/**
 * Asks the kernel of a socket's peer, by TCP keepalive probes, whether it still knows the connection. {@code detect} asks for probes and
 * reads their answers; the reaper thread drives them. The socket's own options are put back afterwards.
 */
@NullMarked
package io.socketreaper.probe;

import org.jspecify.annotations.NullMarked;
