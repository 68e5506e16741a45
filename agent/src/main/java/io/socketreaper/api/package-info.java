/**
 * What a program may call: {@link io.socketreaper.api.SocketReaper}. It works without the agent too; then no leak is
 * reported. It may be loaded by any class loader, knows the agent through {@code bridge} only, and its names stay as they
 * are.
 */
@NullMarked
package io.socketreaper.api;

import org.jspecify.annotations.NullMarked;
