/**
 * Acts on a leak: takes stock, re-checks under the socket's own read lock, condemns before it discards the first byte,
 * drains within bounds, has the owner close, and calls nothing released before the descriptor is seen to be gone. Called
 * by {@code watch} on the reaper thread; speaks to {@code report} only.
 */
package io.socketreaper.release;
