/**
 * What a socket stack must provide: {@link io.socketreaper.stack.StackWeaving} puts the hook into its classes,
 * {@link io.socketreaper.stack.SocketStack} makes {@link io.socketreaper.stack.SocketHandle}s, a {@link io.socketreaper.stack.Claim} takes a
 * socket out of use, and a {@link io.socketreaper.stack.HookProbe} proves the hook. The base classes here know no single stack: each
 * stack has a package of its own below this one. {@code detect} and {@code release} see these types only, so a test can imagine sockets.
 */
package io.socketreaper.stack;
