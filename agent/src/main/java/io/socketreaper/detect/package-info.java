/**
 * Finds leaked sockets: application threads record events without a lock, and the reaper thread checks the suspects, which are sockets
 * that show a sign of being lost, until each is in use again, closed, or a leak. {@link io.socketreaper.detect.Detector} is the entrance.
 * Sockets and time come in through {@link io.socketreaper.stack.SocketHandle} and {@link io.socketreaper.model.Clock}, so a test needs
 * neither.
 */
@NullMarked
package io.socketreaper.detect;

import org.jspecify.annotations.NullMarked;
