/**
 * Acts on a leak: {@link io.socketreaper.release.Release} checks the evidence again under the socket's own read lock and condemns the socket
 * before it discards the first byte; the phases of a release then drain within limits, hand the socket back, have the owner close it, close
 * it, and call it released only when its descriptor is gone. {@code detect} calls it on the reaper thread; it reports to {@code leak} sinks.
 */
@NullMarked
package io.socketreaper.release;

import org.jspecify.annotations.NullMarked;
