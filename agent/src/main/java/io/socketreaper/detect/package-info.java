/**
 * Holds the suspects: sockets that show a sign of being lost, held weakly, each with the stack of its sign and its own deadline. Events of
 * the hook enter here on application threads, without a lock; everything else runs on the reaper thread. Sockets and time come in through
 * {@link io.socketreaper.stack.SocketHandle} and {@link io.socketreaper.model.Clock}, so a test needs neither.
 */
package io.socketreaper.detect;
