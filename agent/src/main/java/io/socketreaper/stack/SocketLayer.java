package io.socketreaper.stack;

import io.socketreaper.model.SocketSnapshot;

/** A protocol between a stream socket and the application that takes input from the socket before the application does, such as TLS. */
public interface SocketLayer {
    /**
     * Adds what the layer knows to what was seen of the socket. Takes no lock, and may be outdated as soon as it returns.
     *
     * @param below taken before, so that bytes on their way up are seen twice rather than not at all
     */
    SocketSnapshot addTo(SocketSnapshot below);

    /**
     * Takes the locks of the layer if they are free, so that no thread can begin a read or a write through it. A reader that is
     * served from the layer's own buffer takes none of the socket's locks.
     *
     * @return whether they are held now; then {@link #unlock} must follow at once
     */
    boolean tryLock();

    /** Undoes {@link #tryLock}. */
    void unlock();

    /** From here on every read and write through the layer fails. With the locks held. */
    void condemn();
}
