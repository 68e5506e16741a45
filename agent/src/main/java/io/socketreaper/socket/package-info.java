/**
 * The world outside as the other rooms see it. {@link io.socketreaper.socket.SocketHandle},
 * {@link io.socketreaper.socket.Descriptors} and {@link io.socketreaper.socket.Clock} are what a test imagines; the
 * classes beside them are the real ones, one family per socket stack, and the only ones that know the JDK's internals.
 */
package io.socketreaper.socket;
