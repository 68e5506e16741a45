/**
 * Acts on a leak: checks the evidence again under the socket's own read lock, condemns the socket before it discards the first byte, drains
 * within bounds, has the owner close, and calls a socket released only when its descriptor is gone. {@code detect} calls it on the reaper
 * thread; it reports to {@code leak} sinks.
 */
package io.socketreaper.release;
