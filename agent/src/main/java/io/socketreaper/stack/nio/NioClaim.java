package io.socketreaper.stack.nio;

import io.socketreaper.owner.Owner;
import io.socketreaper.selector.AgentWakeUp;
import io.socketreaper.selector.SelectorWork;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.StreamClaim;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The claim on a {@link SocketChannel} that is open and condemned. */
final class NioClaim extends StreamClaim {
    /** Selections that may report a channel that its owner asks for; a thread that ignores it must not spin. */
    private static final int MOST_REPORTS = 4;
    /** Each interest that there may be: the key's own is what is left of them, and the hook does not tell of this question. */
    private static final int ALL = -1;
    /** Closes that may be put off until such a selection comes: with the pauses between them some three seconds. */
    static final int MOST_PUT_OFF = 2;

    private final NioSocket handle;
    private final SocketChannel channel;
    private final Owner owner;
    private final NioHandBack handBack;
    private final AtomicBoolean closingBelow = new AtomicBoolean();
    /** Its close is queued for a selection. */
    private volatile boolean waits;
    /** Its last close was left to the selecting thread. */
    private volatile boolean left;

    /** When it was condemned, as selections are dated. */
    private final long since;

    private volatile boolean agentEnds;
    /** No close is put off any more for an owner that waits for input. */
    private volatile boolean hurries;
    /** The last close was. */
    private volatile boolean wasPutOff;
    /** In the selection that was to close it. */
    private volatile boolean wasInUse;
    /** How often a selection was let report it, because its owner waits for input. */
    private final AtomicInteger reports = new AtomicInteger();
    /** How many closes apart from a selection were put off for that. */
    private final AtomicInteger putOff = new AtomicInteger();

    NioClaim(NioSocket handle, SocketChannel channel, Condemned condemned, Owner owner) {
        super(handle, channel, condemned);
        this.handle = handle;
        this.channel = channel;
        this.owner = owner;
        this.handBack = new NioHandBack(this, handle, channel);
        this.since = selectors().time();
    }

    private Selectors selectors() {
        return handle.channels().selectors();
    }

    private SelectionKey[] keys() {
        return selectors().keys(channel);
    }

    @Override
    public String owner() {
        return owner.name();
    }

    @Override
    public Back handBack() {
        if (!owner.handsBack()) {
            return Back.NOT_NEEDED;
        }
        handBack.begin();
        return handBack.state();
    }

    @Override
    public Back back() {
        return handBack.state();
    }

    @Override
    public void endHandBack() {
        handBack.end();
    }

    @Override
    public String notHandedBackBecause() {
        return handBack.impossibleBecause();
    }

    @Override
    public int ways() {
        return owner.ways();
    }

    @Override
    public boolean hasBegun() {
        return owner.hasBegun();
    }

    @Override
    public boolean isSelectedByLiveThread() {
        for (SelectionKey key : keys()) {
            if (key != null && selectors().isSelectedByLiveThread(key.selector())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isSelectorsThreadBusy(boolean isSlow) {
        for (SelectionKey key : keys()) {
            if (key != null && key.isValid() && selectors().isItsThreadBusy(key.selector(), isSlow)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean closeInSelection() {
        for (SelectionKey key : keys()) {
            SelectorWork work = key == null ? null : selectors().workOfNextSelection(key.selector());
            if (work != null) {
                waits |= !selectors().isAbandoned(key.selector());
                work.addClose(key, inSelection -> closeUnlessInUse(key, inSelection));
            }
        }
        return waits;
    }

    /**
     * Called in a selection; must not wait for a lock of the channel. If several selectors hold the channel, each removes its key in its
     * own selection, and the last one closes the channel.
     *
     * @param inSelection see {@link SelectorWork.CloseTask}
     * @return the same
     */
    boolean closeUnlessInUse(SelectionKey ours, boolean inSelection) {
        if (!channel.isOpen() || channel.isBlocking() || !handle.isAtRest(channel)) {
            waits = false;
            wasInUse = true;
            return false;
        }
        if (isAskedFor(ours)) {
            // A selection drops a cancelled key without a word, and the JDK's HttpClient, for one, would wait for its
            // input for ever.
            // So a selection reports it, and the read of its owner fails.
            if (inSelection ? reports.getAndIncrement() < MOST_REPORTS : putOff.get() < MOST_PUT_OFF) {
                handle.makeReady(channel);
                return true;
            }
        }
        cancelAndClose(ours);
        return false;
    }

    /** The same at once: a selection has reported it already, and the thread that made it has failed. */
    void closeUnlessBusy(SelectionKey ours) {
        if (channel.isOpen() && !channel.isBlocking() && handle.isAtRest(channel)) {
            cancelAndClose(ours);
        }
    }

    /** Whether the owner of the key has asked for input or room since the claim, which only a key without such an interest allows. */
    private boolean isAskedFor(SelectionKey key) {
        int asked = (handBack.isOnlyAgentsWish(key) ? 0 : SelectionKey.OP_READ)
                | (snapshot().outputShut() ? 0 : SelectionKey.OP_WRITE);
        try {
            return owner.handsBack() && !hurries && (key.interestOpsAnd(ALL) & asked) != 0;
        } catch (CancelledKeyException cancelled) {
            return false;
        }
    }

    private void cancelAndClose(SelectionKey ours) {
        try {
            // Cancelled before the other keys are looked at, so that one of two concurrent selections closes the
            // channel.
            ours.cancel();
            if (isLast(ours)) {
                channel.close();
            }
        } catch (IOException failed) {
            // The release checks the descriptor in any case.
        } catch (Error error) {
            // The close is no longer queued: a thread of the agent closes the channel.
            waits = false;
            throw error;
        }
    }

    private boolean isLast(SelectionKey ours) {
        for (SelectionKey key : keys()) {
            if (key != null && key != ours && key.isValid()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        SelectionKey[] keys = keys();
        // Its own keys are flushed with its close; open channels of those selectors keep their own time.
        if (keys.length > 0 && channel.isOpen()) {
            selectors().closeAll(keys);
            if (isLeft(keys) || isClosedApart(keys) || isPutOff(keys)) {
                return;
            }
        }
        channel.close();
        selectors().release(channel, keys);
    }

    /**
     * Its turn in a selection has come, and it was in use: once more as all others, where no walk through the keys of its selector
     * meets its key cancelled; unless it is in use again, because the close would wait for that with the selector's monitors held.
     */
    private boolean isClosedApart(SelectionKey[] keys) throws IOException {
        if (!wasInUse || agentEnds || !channel.isOpen() || !handle.isAtRest(channel) || !closeInSelection()) {
            return false;
        }
        selectors().closeAll(keys);
        return isLeft(keys) || !channel.isOpen() && !channel.isRegistered();
    }

    /** Put off to a later attempt, because its owner waits for input: the next selection of its thread reports it, and its own read fails. */
    private boolean isPutOff(SelectionKey[] keys) {
        wasPutOff = false;
        if (!channel.isOpen() || putOff.get() >= MOST_PUT_OFF) {
            return false;
        }
        for (SelectionKey key : keys) {
            if (key != null && isAskedFor(key) && selectors().isSelectedByLiveThread(key.selector())) {
                putOff.incrementAndGet();
                wasPutOff = true;
                handle.makeReady(channel);
                AgentWakeUp.wake(key.selector());
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean wasPutOff() {
        return wasPutOff;
    }

    @Override
    public void hurry() {
        hurries = true;
    }

    /**
     * Left to the next selection of the thread that holds its key: the key would be cancelled under its hands, and the descriptor
     * would not be freed sooner by that.
     */
    private boolean isLeft(SelectionKey[] keys) {
        left = false;
        for (SelectionKey key : keys) {
            left |= waits && channel.isOpen() && key != null && selectors().isInHand(key);
        }
        return left;
    }

    @Override
    public boolean waitsNoLonger() {
        agentEnds = true;
        hurries = true;
        waits = false;
        boolean toBeRepeated = left || wasPutOff;
        left = false;
        wasPutOff = false;
        return toBeRepeated && channel.isOpen();
    }

    /** Called while an owner's close hangs. If this close hangs, too, later ones only wake the selectors. */
    @Override
    public void closeBelow() throws IOException {
        if (closingBelow.compareAndSet(false, true)) {
            close();
        } else {
            Selectors.wakeUp(keys());
        }
    }

    @Override
    public void close(int way) throws IOException {
        if (way == AS_THE_JDK) {
            close();
            return;
        }
        owner.close(channel, keys(), way, new SocketException("Connection reset"));
    }

    @Override
    public void gone() {
        selectors().wakeEmpty(since);
    }
}
