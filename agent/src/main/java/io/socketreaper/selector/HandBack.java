package io.socketreaper.selector;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Lets the thread that selects find out by its own read that a channel is condemned: its key wants OP_READ in the
 * selections up to the one that reports it, a few at most, so a thread that ignores the key does not spin.
 */
public final class HandBack implements BooleanSupplier {
    private static final int ASKED = 0;
    private static final int WANTED = 1;
    private static final int TOLD = 2;
    private static final int ENDED = 3;
    private static final int REFUSED = 4;
    /** A selection reports a few hundred channels at most, and others may be ready, too. */
    private static final int MOST_SELECTIONS = 4;

    private final AtomicInteger state = new AtomicInteger();
    private final Runnable makeReady;
    private final BooleanSupplier isUnexpected;
    /** Null if the owner is a framework that is known here. */
    private final Runnable close;

    private final BooleanSupplier forAnotherThread = this::refuseForAnotherThread;
    /** Null once it is over. */
    private volatile SelectionKey key;

    private volatile boolean added;
    /** Whether the last report of the key, before ours, was of OP_READ as well; the thread that selects. */
    private boolean wasReady;

    private int selections;

    /**
     * @param makeReady    sees to it that the channel is ready to be read, right before the selection
     * @param isUnexpected whether the thread that selects does not expect the key any more; asked before that
     * @param close        closes the channel, for a thread that selects after the one that was told; null to tell that thread, too
     */
    public HandBack(SelectionKey key, Runnable makeReady, BooleanSupplier isUnexpected, Runnable close) {
        this.key = key;
        this.makeReady = makeReady;
        this.isUnexpected = isUnexpected;
        this.close = close;
    }

    /** A selection begins: the one that is to report the key, or the one after that. The thread that makes it. */
    @Override
    public boolean getAsBoolean() {
        SelectionKey ours = key;
        if (ours == null) {
            return true;
        }
        try {
            if (state.get() == ASKED && isUnexpected.getAsBoolean()) {
                state.compareAndSet(ASKED, REFUSED);
            } else if (state.get() == ASKED) {
                makeReady.run();
                wasReady = (ours.readyOps() & SelectionKey.OP_READ) != 0;
                added = (ours.interestOpsOr(SelectionKey.OP_READ) & SelectionKey.OP_READ) == 0;
                if (state.compareAndSet(ASKED, WANTED)) {
                    return false;
                }
                takeBack(ours);
            } else if (state.get() == WANTED && !isReported(ours) && ++selections < MOST_SELECTIONS) {
                return false;
            } else if (state.compareAndSet(WANTED, TOLD)) {
                takeBack(ours);
            }
        } catch (CancelledKeyException itHasReacted) {
            state.compareAndSet(ASKED, TOLD);
            state.compareAndSet(WANTED, TOLD);
        }
        key = null;
        return true;
    }

    private boolean isReported(SelectionKey ours) {
        return wasReady || (ours.readyOps() & SelectionKey.OP_READ) != 0;
    }

    /** Whether a selection has reported the key, and the thread that made it has gone on to the next one. Any thread. */
    public boolean isTold() {
        return state.get() == TOLD;
    }

    /**
     * What is to be done if another thread selects than the one that was to read the channel. That one may have failed on it, and left
     * the key among the ready ones: the selection that begins now takes a closed channel's key out. Returns false if that thread is told
     * instead. For the thread that selects.
     */
    BooleanSupplier forAnotherThread() {
        return forAnotherThread;
    }

    private boolean refuseForAnotherThread() {
        if (close == null) {
            return false;
        }
        boolean handed = state.get() != ASKED;
        refuse();
        if (handed) {
            close.run();
        }
        return true;
    }

    /** The thread that selects is not told, or is waited for no longer. Any thread. */
    public void refuse() {
        stop(REFUSED);
    }

    /** Whether it was not told, or not to the end. Any thread. */
    public boolean isRefused() {
        return state.get() == REFUSED;
    }

    boolean isOver() {
        return key == null;
    }

    /** It is waited for no longer. Any thread. */
    public void end() {
        stop(ENDED);
        key = null;
    }

    private void stop(int as) {
        SelectionKey ours = key;
        boolean wanted = state.compareAndSet(WANTED, as);
        state.compareAndSet(ASKED, as);
        if (wanted) {
            takeBackUnlessCancelled(ours);
        }
    }

    private void takeBackUnlessCancelled(SelectionKey ours) {
        try {
            if (ours != null) {
                takeBack(ours);
            }
        } catch (CancelledKeyException closed) {
            // then nothing is to be taken back
        }
    }

    private void takeBack(SelectionKey ours) {
        if (added) {
            ours.interestOpsAnd(~SelectionKey.OP_READ);
        }
    }
}
