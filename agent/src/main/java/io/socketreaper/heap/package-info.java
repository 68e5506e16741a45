/**
 * A heap dump of a JVM: the open sockets in it, and the shortest chains of references that keep them. Only {@code cli} calls it; the
 * agent loads no class of it. It reads with Shark, LeakCanary's heap library, and finds paths with a search of its own, whose memory is
 * bounded by 12 bytes an object.
 */
@NullMarked
package io.socketreaper.heap;

import org.jspecify.annotations.NullMarked;
