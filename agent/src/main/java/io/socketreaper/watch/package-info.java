/**
 * Holds the suspects: sockets that showed a sign of being lost, held weakly, each with the stack of its sign and its own
 * deadline. The hook's events enter here from application threads without a lock; everything else runs on the reaper
 * thread alone. Sockets and time come in through {@link io.socketreaper.socket.SocketHandle} and
 * {@link io.socketreaper.socket.Clock}, so a test needs neither.
 */
package io.socketreaper.watch;
