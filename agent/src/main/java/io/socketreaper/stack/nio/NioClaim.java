package io.socketreaper.stack.nio;

import io.socketreaper.owner.Owner;
import io.socketreaper.selector.SelectorWork;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.StreamClaim;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/** The claim on a {@link SocketChannel} that is open and condemned. */
final class NioClaim extends StreamClaim {
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
    /** In the selection that was to close it. */
    private volatile boolean wasInUse;

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
                work.addClose(key, () -> closeUnlessInUse(key));
            }
        }
        return waits;
    }

    /**
     * Called in a selection; must not wait for a lock of the channel. If several selectors hold the channel, each removes its key in its
     * own selection, and the last one closes the channel.
     */
    void closeUnlessInUse(SelectionKey ours) {
        if (!channel.isOpen() || channel.isBlocking() || !handle.isAtRest(channel)) {
            waits = false;
            wasInUse = true;
        } else {
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
        withoutLinger();
        // Its own keys are flushed with its close; open channels of those selectors keep their own time.
        if (keys.length > 0 && channel.isOpen()) {
            selectors().closeAll(keys);
            if (isLeft(keys) || isClosedApart(keys)) {
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
        waits = false;
        boolean wasLeft = left;
        left = false;
        return wasLeft && channel.isOpen();
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
        withoutLinger();
        owner.close(channel, keys(), way, new SocketException("Connection reset"));
    }

    @Override
    public void gone() {
        selectors().wakeEmpty(since);
    }

    /** A lingering close would block its thread, an abortive one would reset a peer that is not to be reset. */
    private void withoutLinger() {
        if (isReset()) {
            return;
        }
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, -1);
        } catch (IOException | RuntimeException closedMeanwhile) {
            // then it cannot linger any more
        }
    }
}
