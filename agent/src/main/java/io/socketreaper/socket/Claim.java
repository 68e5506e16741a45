package io.socketreaper.socket;

import io.socketreaper.judge.Sighting;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A condemned socket in the hands of the release. Holds it strongly, for the bounded time that a release lasts.
 */
public interface Claim {
    /** {@link #read} found nothing there now; more may come. */
    int NOTHING_NOW = 0;
    /** {@link #read} came to the end of input. */
    int END_OF_INPUT = -1;
    /** {@link #read} found the socket closed by the application meanwhile. */
    int CLOSED_MEANWHILE = -2;
    /** {@link #read} could not have the read lock just now. */
    int BUSY = -3;
    /**
     * {@link #read} has read nothing: {@link #close} will empty the socket, in one step with the close, because nothing
     * could keep the owner from reading in between. {@link #emptied} tells.
     */
    int WITH_CLOSE = -4;

    /**
     * What a close has discarded.
     *
     * @param first      the first of the bytes
     * @param endOfInput the peer had ended its side, and this was all
     * @param reset      the connection was reset
     */
    record Emptied(long bytes, byte[] first, boolean endOfInput, boolean reset) {
    }

    /** What the claim saw under the lock. */
    Sighting sighting();

    /**
     * Reads once without blocking into a direct buffer and thereby discards.
     *
     * @return the number of bytes, or one of the constants above
     * @throws IOException if the connection was reset
     */
    int read(ByteBuffer discarded) throws IOException;

    /** Whom the socket belongs to, and who therefore closes it. */
    String owner();

    /**
     * Closes the socket through its owner. May block for as long as the owner's locks or callbacks do, so it is never
     * called on the reaper thread. Safe to call again.
     */
    void close() throws IOException;

    /**
     * Closes what lies below the owner, while a {@link #close} of the owner hangs; does nothing where nothing can be closed
     * without it.
     */
    default void closeBelow() throws IOException {
    }

    /** What the close has discarded after {@link #WITH_CLOSE}; null as long as it has not. */
    default Emptied emptied() {
        return null;
    }

    /** True if the owner's own thread has found the socket in use, at the last moment, and has done nothing. */
    default boolean isRefused() {
        return false;
    }
}
