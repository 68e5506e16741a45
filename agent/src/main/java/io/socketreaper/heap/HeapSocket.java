package io.socketreaper.heap;

import org.jspecify.annotations.Nullable;

/**
 * An open socket or selector, as its object in a heap dump shows it.
 *
 * @param objectId   of the object that has the descriptor
 * @param type       what it is for the program
 * @param className  of that object
 * @param descriptor the number of its descriptor
 * @param local      its end, {@code host:port}; null if the object does not know it
 * @param remote     the other end, the same
 */
public record HeapSocket(
        long objectId,
        SocketType type,
        String className,
        int descriptor,
        @Nullable String local,
        @Nullable String remote) {}
