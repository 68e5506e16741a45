/**
 * What a program may call: {@link io.socketreaper.api.SocketReaper}. It is there without the agent too, then nothing is
 * reported. It may be loaded by any class loader, knows the agent through {@code bridge} only, and its names stay as they
 * are.
 */
@NullMarked
package io.socketreaper.api;

import org.jspecify.annotations.NullMarked;
