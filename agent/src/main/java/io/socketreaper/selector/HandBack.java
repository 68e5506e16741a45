package io.socketreaper.selector;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the selecting thread read a condemned channel, so that it sees the failure itself: the key asks for OP_READ until a selection
 * has reported it, for a few selections at most, so a thread that ignores the key does not spin. If the application has asked for input
 * meanwhile, that interest is its own, and stays.
 */
public final class HandBack {
    /** The channel that is handed back. Called by threads that select. */
    public interface Channel {
        /** Whether the selecting thread no longer expects the key. */
        boolean isUnexpected(SelectionKey key);

        /** Makes the channel ready to be read, right before the selection. */
        void makeReady();

        /** Whether its owner is a known framework; then any selecting thread may be told. */
        boolean hasKnownOwner();

        /** Closes the channel, because the thread that selects now is not the one that was told. */
        void close(SelectionKey key);
    }

    private static final int ASKED = 0;
    private static final int WANTED = 1;
    private static final int TOLD = 2;
    private static final int ENDED = 3;
    private static final int REFUSED = 4;
    /** Each interest that there may be. */
    private static final int ALL = -1;
    /** For how many selections a thread is told of a key that it goes on to ask for, or of which it is not known that it was told. */
    static final int MOST_REPORTS = 3;
    /** A selection reports 512 channels at most, and others may be ready, too: so many selections may pass without a report. */
    private static final int MOST_SELECTIONS = 64;

    private final AtomicInteger state = new AtomicInteger();
    private final Channel channel;
    private final SelectionKey key;
    private volatile boolean over;
    /** The key asks for input because of the hand-back, and did not before. */
    private volatile boolean added;
    /** How often the application has asked for input since; some may be missed of several threads that ask at once. */
    private volatile int wishes;
    /** The application was told that the key asks for input; if it wants that, too, it may have asked for no more. */
    private volatile boolean seen;
    /** A selection has begun since the application has asked. The thread that selects. */
    private boolean countsFromWish;
    /** The thread that adds the interest: its own call is no wish of the application. */
    private volatile @Nullable Thread adding;
    /** The thread that was to be told has begun another selection since. */
    private volatile boolean survived;
    /**
     * Whether the last report of the key, before ours, was of OP_READ as well: then it cannot be seen whether a selection has reported it
     * since. The thread that selects.
     */
    private boolean wasReady;

    private int selections;

    public HandBack(SelectionKey key, Channel channel) {
        this.key = key;
        this.channel = channel;
    }

    /**
     * A selection begins: the one that is to report the key, or the one after that. Returns false if it wants to know of the next one,
     * too. The thread that makes it.
     */
    boolean selectionBegins() {
        try {
            return isDone();
        } catch (RuntimeException failed) {
            // Only one socket of many failed; the release checks each descriptor in any case.
            return true;
        }
    }

    private boolean isDone() {
        if (isOverAndTakenBack()) {
            return true;
        }
        try {
            if (state.get() == ASKED && channel.isUnexpected(key)) {
                state.compareAndSet(ASKED, REFUSED);
            } else if (state.get() == ASKED) {
                channel.makeReady();
                wasReady = (key.readyOps() & SelectionKey.OP_READ) != 0;
                add();
                if (state.compareAndSet(ASKED, WANTED)) {
                    return false;
                }
                takeBackUnlessWanted();
            } else if (state.get() == WANTED && isToBeReportedAgain()) {
                return false;
            } else if (state.compareAndSet(WANTED, TOLD)) {
                // Also what the application wants: it was told of that, and has not read.
                takeBack();
            }
        } catch (CancelledKeyException itHasReacted) {
            state.compareAndSet(ASKED, TOLD);
            state.compareAndSet(WANTED, TOLD);
        }
        over = true;
        return true;
    }

    private void add() {
        adding = Thread.currentThread();
        try {
            added = (key.interestOpsOr(SelectionKey.OP_READ) & SelectionKey.OP_READ) == 0;
        } finally {
            adding = null;
        }
    }

    SelectionKey key() {
        return key;
    }

    /** The application asks for input by the key. Any thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // any change will do
    void askedForInput() {
        if (Thread.currentThread() != adding) {
            wishes = wishes + 1;
        }
    }

    /** The application was told that the key asks for input. Any thread. */
    void interestSeen() {
        seen = true;
    }

    /** Whether it is known that the key asks for input only because of the hand-back. Any thread. */
    public boolean isOnlyAgentsWish() {
        return added && wishes == 0 && !seen;
    }

    /** Not by the method that tells the application, of which the hook would tell. */
    private int interest() {
        return key.interestOpsAnd(ALL);
    }

    private boolean isToBeReportedAgain() {
        selections++;
        survived = true;
        if (wishes > 0 && !countsFromWish) {
            countsFromWish = true;
            selections = 0;
        }
        boolean asks = (interest() & SelectionKey.OP_READ) != 0;
        boolean isReady = (key.readyOps() & SelectionKey.OP_READ) != 0;
        if (isReady && !wasReady && isOnlyAgentsWish()) {
            return false;
        }
        return selections < (isReady || !asks ? MOST_REPORTS : MOST_SELECTIONS) && (asks || !isReady);
    }

    /** Whether a selection has reported the key, and the thread that made it has gone on to the next one. Any thread. */
    public boolean isTold() {
        return state.get() == TOLD;
    }

    /**
     * Another thread selects than the one that was to read the channel. That one may have failed on it, and left the key among the ready
     * ones: the selection that begins now takes a closed channel's key out. A channel whose input the application may want is left to the close
     * that is put off for that. Returns false if this thread is told instead. The thread that selects.
     *
     * @param hasEnded whether the other thread has ended
     * @param mayClose whether this selection may close channels
     */
    boolean anotherThreadSelects(boolean hasEnded, boolean mayClose) {
        if (channel.hasKnownOwner()) {
            return false;
        }
        boolean closes = mayClose && state.get() != ASKED && wishes == 0 && (hasEnded || !seen);
        refuse();
        if (closes) {
            try {
                channel.close(key);
            } catch (RuntimeException failed) {
                // as above
            }
        }
        return true;
    }

    /** Cancels the hand-back: the selecting thread is not to be told. Any thread. */
    public void refuse() {
        boolean wanted = state.compareAndSet(WANTED, REFUSED);
        state.compareAndSet(ASKED, REFUSED);
        if (wanted) {
            try {
                takeBackUnlessWanted();
            } catch (CancelledKeyException closed) {
                // a closed channel needs no change of its interest
            }
        }
    }

    /** Whether the selecting thread was not told, or not completely. Any thread. */
    public boolean isRefused() {
        return state.get() == REFUSED;
    }

    boolean isOver() {
        return over;
    }

    /** The same; if it is over, the key does not ask for input because of it any more, unless the application may want it. Any thread. */
    boolean isOverAndTakenBack() {
        if (over) {
            try {
                takeBackUnlessWanted();
            } catch (CancelledKeyException closed) {
                // as above
            }
        }
        return over;
    }

    /** Whether a selection may have reported the key, and the thread that made it has not begun another one. Any thread. */
    public boolean mayBeReported() {
        try {
            return state.get() == WANTED && (key.readyOps() & SelectionKey.OP_READ) != 0;
        } catch (CancelledKeyException closed) {
            return false;
        }
    }

    /** Whether the thread that was to be told has begun another selection since. Any thread. */
    boolean isSurvived() {
        return survived;
    }

    /**
     * The release no longer waits for it. What the key asks for because of it is taken back when the next selection begins, unless the
     * application may want it; then the close that follows sees to it. Any thread.
     */
    public void end() {
        state.compareAndSet(WANTED, ENDED);
        state.compareAndSet(ASKED, ENDED);
        over = true;
    }

    private void takeBackUnlessWanted() {
        if (isOnlyAgentsWish()) {
            takeBack();
        }
    }

    private void takeBack() {
        if (added) {
            int wishesBefore = wishes;
            boolean seenBefore = seen;
            key.interestOpsAnd(~SelectionKey.OP_READ);
            added = false;
            if (wishes != wishesBefore || seen != seenBefore) {
                // Another thread of the application has asked in this moment, or has seen what is gone now.
                key.interestOpsOr(SelectionKey.OP_READ);
            }
        }
    }
}
