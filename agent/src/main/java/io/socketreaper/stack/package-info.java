/**
 * What a socket stack must provide. A {@link io.socketreaper.stack.SocketStack} is the one declaration of a stack: its
 * {@link io.socketreaper.stack.StackWeaving} lists the classes, methods and hook calls, its {@link io.socketreaper.stack.HookProbe}
 * proves the hook, it makes {@link io.socketreaper.stack.SocketHandle}s, and a {@link io.socketreaper.stack.Claim} takes a socket out of
 * use. The base classes here know no single stack: each has a package of its own below this one, and {@code runtime} names it in one
 * line. {@code detect} and {@code release} see these types only, so a test can imagine sockets.
 */
@NullMarked
package io.socketreaper.stack;

import org.jspecify.annotations.NullMarked;
