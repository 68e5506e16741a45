package io.socketreaper.stack;

import io.socketreaper.model.SocketSnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is being released: once it is condemned, every later read and write of the application fails. Holds the socket
 * strongly, for the bounded time that a release lasts. The reaper thread calls all methods but {@link #close} and
 * {@link #closeBelow}.
 */
public interface Claim {
    /** {@link #read} found no input now; more may come. */
    int NOTHING_NOW = 0;
    /** {@link #read} came to the end of input. */
    int END_OF_INPUT = -1;
    /** {@link #read} found the socket closed by the application meanwhile. */
    int CLOSED_MEANWHILE = -2;
    /** {@link #read} could not take the read lock just now. */
    int BUSY = -3;
    /**
     * {@link #read} has not read: the socket is emptied in one step with its close, or was in one step with the claim, because
     * otherwise the owner could read in between. {@link #emptied} tells what was discarded.
     */
    int WITH_CLOSE = -4;
    /** The way to {@link #close} that does not involve an owner. */
    int AS_THE_JDK = 0;

    /**
     * What a close, or the claim, has discarded.
     *
     * @param first      the first of the bytes
     * @param endOfInput the peer had ended its side, and this was all
     * @param reset      the connection was reset by the peer
     */
    record Emptied(long bytes, byte[] first, boolean endOfInput, boolean reset) {}

    /** Whether the socket is condemned. */
    enum State {
        /** The one thread that may condemn it was asked; the socket is untouched. */
        ASKED,
        /** The socket is condemned. */
        CLAIMED,
        /** That thread found it in use and left it untouched. */
        REFUSED
    }

    /** The state of the hand-back, in which the owner's own read of the socket fails. */
    enum Back {
        /** No hand-back is needed: the closed object is the one that the application holds. */
        NOT_NEEDED,
        /** The socket cannot be handed back, or the owner's thread ended during it; {@link #notHandedBackBecause} says why. */
        IMPOSSIBLE,
        /** The owner's thread has not begun to handle it. */
        ASKED,
        /** The owner's thread handles other sockets first, or has not finished yet. */
        UNDER_WAY,
        /** The same, but its thread has been outside a selection since the last look. */
        BUSY,
        /** The same as {@link #BUSY}; and as far as is known, the thread was told that the socket is ready to be read. */
        REPORTED,
        /** The owner's thread was told that the socket is ready to be read, and has finished handling it. */
        TOLD
    }

    /** What the claim saw under the lock. */
    SocketSnapshot snapshot();

    default State state() {
        return State.CLAIMED;
    }

    /** Once the socket is condemned: the claim that its release goes on with, which a request to an event loop is not itself. */
    default Claim made() {
        return this;
    }

    /**
     * True once the application can read and write the socket no longer. Until then the hook must tell of its
     * operations, because the claim depends on them.
     */
    default boolean isCondemned() {
        return state() == State.CLAIMED;
    }

    /**
     * Withdraws the request to the event loop, which then leaves the socket untouched. False if the loop has
     * answered just now.
     */
    default boolean withdraw() {
        return false;
    }

    /**
     * True if the claim has reset the connection, because the application had not ended its output and the peer must not take an
     * incomplete answer for a complete one. The peer can still read the bytes that it has acknowledged.
     */
    default boolean isReset() {
        return false;
    }

    /** True if unread input must stay, because at the close it causes the reset that tells the peer of an abnormal end. */
    default boolean tellsByUnread() {
        return false;
    }

    /**
     * Reads once without blocking into a direct buffer and thereby discards.
     *
     * @return the number of bytes, or one of the constants above
     * @throws IOException if the connection was reset
     */
    int read(ByteBuffer discarded) throws IOException;

    /** Names the object that the socket belongs to and that therefore closes it. */
    String owner();

    /** Makes the socket look ready to its owner, whose own read then fails. Called after the drain. Never blocks. */
    default Back handBack() {
        return Back.NOT_NEEDED;
    }

    /** The state of the hand-back; if it is {@link Back#IMPOSSIBLE}, the channel may have been closed in a selection. */
    default Back back() {
        return Back.NOT_NEEDED;
    }

    /** Ends the hand-back, because the release no longer waits for the owner. */
    default void endHandBack() {}

    /** For the report; empty unless it is {@link Back#IMPOSSIBLE}. */
    default String notHandedBackBecause() {
        return "";
    }

    /** True if the application has closed it, as far as can be told without a lock. */
    default boolean isClosed() {
        return false;
    }

    /** False if the descriptor is surely still open; a hundred times cheaper than asking the kernel. */
    default boolean mayBeGone() {
        return true;
    }

    /** How many ways the owner has to close it, each stronger than the one before; 0 if the socket is its own owner. */
    default int ways() {
        return 0;
    }

    /** Whether a thread that has selected on a selector of the socket is alive, so that it may come back. */
    default boolean isSelectedByLiveThread() {
        return false;
    }

    /**
     * Whether a thread that has selected on a selector of the socket runs the application's code and has for two seconds begun no
     * selection that waits, so that it may be walking through the selector's keys. Reaper thread.
     *
     * @param isSlow it has done so before: then this time may be shorter
     */
    default boolean isSelectorsThreadBusy(boolean isSlow) {
        return false;
    }

    /** Whether the last close was put off, because the owner waits for input and is to be told by its own read. */
    default boolean wasPutOff() {
        return false;
    }

    /** From now on no close is put off for that: few descriptors are left. */
    default void hurry() {}

    /**
     * From now on a close does not wait for a selection any more: the agent is about to end.
     *
     * @return true if the last close was left to the selecting thread, which has not come, or was put off
     */
    default boolean waitsNoLonger() {
        return false;
    }

    /**
     * Leaves the JDK's close to the next selection on a selector that holds the socket, so that the thread which selects meets no
     * cancelled key in its own walk through the keys. Never blocks.
     *
     * @return false if no such selection is expected: no selector holds the socket, or no thread selects on those that do
     */
    default boolean closeInSelection() {
        return false;
    }

    /**
     * Closes the socket as the JDK does, and has the selectors that hold it let go; if it was open, together with all others whose close
     * waits for a selection on them. May block for as long as the locks of an owner do, so it is never called on the reaper thread. Safe to
     * call again.
     */
    void close() throws IOException;

    /**
     * Closes the socket in one of its owner's {@link #ways}, 1 being the first. May block as above.
     *
     * @param way {@link #AS_THE_JDK} is {@link #close()}
     */
    default void close(int way) throws IOException {
        close();
    }

    /** False while the owner's thread has not begun the last requested close. */
    default boolean hasBegun() {
        return true;
    }

    /**
     * Closes the socket below the owner while a {@link #close} of the owner hangs; no effect if the socket cannot be
     * closed without the owner.
     */
    default void closeBelow() throws IOException {}

    /** The descriptor is gone: wakes threads that would wait for the socket for ever. */
    default void gone() {}

    /** What was discarded after {@link #WITH_CLOSE}; null before that. */
    default @Nullable Emptied emptied() {
        return null;
    }

    /** True if the owner's own thread has found the socket in use, at the last moment, and has left it untouched. */
    default boolean isRefused() {
        return false;
    }
}
