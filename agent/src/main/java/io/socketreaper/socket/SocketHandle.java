package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import java.util.function.Predicate;

/**
 * One socket of any stack, held weakly. The reaper thread calls everything but {@link #is}; no method blocks.
 */
public interface SocketHandle {
    /** True if this is the handle of that very object. Any thread; no allocation, no strong reference kept. */
    boolean is(Object socket);

    /** Names the object that the application holds, where that is another one; kept weakly. Any thread. */
    default void front(Object socket) {
    }

    /** The facts now; {@link Sighting#gone()} when it is closed or collected. Never throws. */
    Sighting sight();

    /** Number of its descriptor, kept after it is gone; -1 before the first sighting. */
    int descriptor();

    /** Its two ends. */
    Endpoints endpoints();

    /**
     * Claims the socket for release: takes the socket's own read lock if that is free, looks once more, and if the
     * facts still satisfy {@code leaked} condemns the socket, so that from here on every read of the application
     * fails. Only then may a byte be discarded.
     *
     * @return null if a reader was there, the facts no longer hold, or the socket is gone
     */
    Claim claim(Predicate<Sighting> leaked);
}
