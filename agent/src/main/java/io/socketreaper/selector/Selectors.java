package io.socketreaper.selector;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The selectors that keep the descriptor of a closed channel: each does until a selection deregisters the channel's cancelled
 * key. No selection is made here, so no ready set is touched.
 */
public final class Selectors {
    /** How long a key is out of its selector's set before it is cancelled by a thread that does not select. */
    private static final long WALKS_ON = TimeUnit.MILLISECONDS.toNanos(5);
    /** Keys that are looked at for an attachment: some microseconds. */
    static final int MOST_KEYS = 256;

    private final Selections selections;
    private final Class<?> type;
    private final VarHandle keys;
    private final VarHandle keyLock;
    private final VarHandle publicSelectedKeys;
    private final VarHandle selectedKeys;
    private final VarHandle cancelledKeys;
    private final VarHandle inSelect;
    /** The set behind {@link Selector#keys}; null on a JDK that names it differently. */
    private final @Nullable VarHandle ownKeys;

    private final MethodHandle processDeregisterQueue;

    /** @throws ReflectiveOperationException naming the member that this JDK lacks */
    public Selectors(Selections selections) throws ReflectiveOperationException {
        this.selections = selections;
        AgentWakeUp.prepare();
        type = Class.forName("sun.nio.ch.SelectorImpl");
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        MethodHandles.Lookup keyed =
                MethodHandles.privateLookupIn(AbstractSelectableChannel.class, MethodHandles.lookup());
        keys = keyed.findVarHandle(AbstractSelectableChannel.class, "keys", SelectionKey[].class);
        keyLock = keyed.findVarHandle(AbstractSelectableChannel.class, "keyLock", Object.class);
        publicSelectedKeys = lookup.findVarHandle(type, "publicSelectedKeys", Set.class);
        selectedKeys = lookup.findVarHandle(type, "selectedKeys", Set.class);
        cancelledKeys = lookup.findVarHandle(type, "cancelledKeys", Deque.class);
        inSelect = lookup.findVarHandle(type, "inSelect", boolean.class);
        ownKeys = ownKeys(lookup);
        processDeregisterQueue = lookup.findVirtual(type, "processDeregisterQueue", MethodType.methodType(void.class))
                .asType(MethodType.methodType(void.class, Selector.class));
    }

    private static @Nullable VarHandle ownKeys(MethodHandles.Lookup lookup) {
        try {
            return lookup.findVarHandle(lookup.lookupClass(), "keys", Set.class);
        } catch (ReflectiveOperationException otherJdk) {
            return null;
        }
    }

    /** The channel's keys, cancelled ones that are not yet deregistered included; never null. Any thread. */
    public SelectionKey[] keys(Object channel) {
        synchronized (keyLock.get(channel)) {
            var current = (SelectionKey[]) keys.get(channel);
            return current == null ? new SelectionKey[0] : current.clone();
        }
    }

    /**
     * True only if it is known that no thread selects on it: the last one that did has ended, and no thread is in a selection,
     * which may be one that came before the last. A new thread may take it over at any moment. Any thread.
     */
    public boolean isAbandoned(Selector selector) {
        return type.isInstance(selector) && !isInSelection(selector) && selections.lastThreadHasEnded(selector);
    }

    /** Whether a thread is in a selection on it. Any thread. */
    public boolean isInSelection(Selector selector) {
        return type.isInstance(selector) && (boolean) inSelect.getVolatile(selector);
    }

    /** Whether the thread that selected last is known and alive. Any thread. */
    public boolean isSelectedByLiveThread(Selector selector) {
        return selections.isSelectedByLiveThread(selector);
    }

    /**
     * Whether the thread that selected last runs the application's code and has for two seconds begun no selection that waits: it may be
     * in the middle of a walk through the selector's keys. Reaper thread.
     *
     * @param isSlow it has done so before: then this time may be shorter
     */
    public boolean isItsThreadBusy(Selector selector, boolean isSlow) {
        return type.isInstance(selector)
                && selector.isOpen()
                && (!isInSelection(selector) || selections.isInPassing(selector))
                && selections.isLastThreadBusy(selector, isSlow);
    }

    /** The work for the next selection on a selector of the JDK; null for one of another maker. Not on a thread of the application. */
    public @Nullable SelectorWork work(Selector selector) {
        return type.isInstance(selector) ? selections.work(selector) : null;
    }

    /** The same, but null also for an abandoned selector: no selection will follow on it. */
    public @Nullable SelectorWork workOfNextSelection(Selector selector) {
        return isAbandoned(selector) ? null : work(selector);
    }

    /**
     * Whether another connection's key of the selector has an attachment, as far as a bounded look at its keys tells, now or before.
     * Never blocks.
     */
    public boolean othersHaveAttachments(SelectionKey ours, SelectorWork work) {
        if (work.usesAttachments()) {
            return true;
        }
        int looks = 0;
        try {
            for (SelectionKey key : ours.selector().keys()) {
                if (key != ours
                        && key.attachment() != null
                        && key.channel() instanceof SocketChannel
                        && key.isValid()) {
                    work.noteAttachment();
                    return true;
                }
                if (++looks >= MOST_KEYS) {
                    return false;
                }
            }
        } catch (RuntimeException closedMeanwhile) {
            // or changed, on a JDK whose set of keys does not allow that: then the others are not known
        }
        return false;
    }

    /**
     * Frees a closed channel that selectors hold, and all other closed ones that they hold. A thread that selects does it once it is
     * woken; if there is none, the calling thread does it. Open channels whose close waits for a selection go on waiting: the thread
     * that selects may be walking through their keys. Waits for monitors, so never call it on the reaper thread; and not before a thread
     * that selects has been given the time to do it.
     */
    public void release(SelectableChannel closed, SelectionKey[] keys) throws IOException {
        if (closed.isRegistered()) {
            wakeUp(keys);
            flushCancelled(keys);
        }
    }

    /**
     * Closes all channels whose close waits for a selection on the selectors of these keys, but for those whose key a thread may
     * hold: one that is in a selection, or that has come back from one which reported the key. Not the reaper thread.
     */
    public void closeAll(SelectionKey[] keys) throws IOException {
        for (SelectionKey key : keys) {
            SelectorWork work = key == null ? null : work(key.selector());
            if (work == null) {
                continue;
            }
            // One thread at a time, and another one waits for it: it may be at what the other would close.
            work.apart().lock();
            List<SelectorWork.Close> again = new ArrayList<>();
            try {
                while (work.hasCloses() && closeSome(key.selector(), work, again)) {
                    // the monitors are free in between
                }
            } finally {
                work.putBack(again);
                work.apart().unlock();
            }
        }
    }

    /**
     * Returns false if none could be closed.
     *
     * @param again gets those that are left to the next selection
     */
    private boolean closeSome(Selector selector, SelectorWork work, List<SelectorWork.Close> again) throws IOException {
        var closed = new boolean[1];
        withItsMonitors(selector, work, () -> {
            if (!selector.isOpen()) {
                closed[0] = closeAll(work.take(key -> false), again);
            } else if (!somebodyMayBeAtItsReadySet(selector)) {
                boolean ended = selections.lastThreadHasEnded(selector);
                var ready = (Set<?>) selectedKeys.get(selector);
                closed[0] = closeApart(selector, work.take(key -> !ended && ready.contains(key)), again);
            }
        });
        return closed[0];
    }

    private static boolean closeAll(List<SelectorWork.Close> closes, List<SelectorWork.Close> again) {
        for (SelectorWork.Close close : closes) {
            if (SelectorWork.run(close, false)) {
                again.add(close);
            }
        }
        return !closes.isEmpty();
    }

    /**
     * Closes channels and deregisters their keys, under the selector's monitors. The keys are taken out of the selector's set first: a
     * thread that walks through that set without a lock then meets no cancelled key.
     */
    private boolean closeApart(Selector selector, List<SelectorWork.Close> closes, List<SelectorWork.Close> again)
            throws IOException {
        if (ownKeys == null || closes.isEmpty()) {
            boolean any = closeAll(closes, again);
            flushUnderItsMonitors(selector);
            return any;
        }
        @SuppressWarnings("unchecked")
        var set = (Set<SelectionKey>) ownKeys.get(selector);
        try {
            for (SelectorWork.Close close : closes) {
                set.remove(close.key());
            }
            // A walk that has a removed key in its hands goes on to the next.
            LockSupport.parkNanos(WALKS_ON);
            closeAll(closes, again);
            flushUnderItsMonitors(selector);
        } finally {
            for (SelectorWork.Close close : closes) {
                SelectionKey key = close.key();
                // In use, or not deregistered: a selector that is closed lets go only of the keys that are in its set.
                if (key.channel().keyFor(selector) == key) {
                    set.add(key);
                }
            }
        }
        return true;
    }

    /**
     * Whether a close of the channel would not free its descriptor before the next selection: a thread is in a selection, or has come
     * back from one that reported the key, or another cancelled one. Not the reaper thread.
     */
    public boolean isInHand(SelectionKey key) {
        Selector selector = key.selector();
        if (!type.isInstance(selector) || !selector.isOpen() || isAbandoned(selector)) {
            return false;
        }
        return isInSelection(selector)
                || ((Set<?>) selectedKeys.get(selector)).contains(key)
                || somebodyMayBeAtItsReadySet(selector);
    }

    /** Wakes every thread that selects: its next selection deregisters what was cancelled. */
    public static void wakeUp(SelectionKey[] keys) {
        for (SelectionKey key : keys) {
            if (key != null && key.selector().isOpen()) {
                AgentWakeUp.wake(key.selector());
            }
        }
    }

    /** See {@link InterestWatch#handsBack}. */
    public void handsBack() {
        selections.interests().handsBack();
    }

    /** See {@link Selections#time}. */
    public long time() {
        return selections.time();
    }

    /** See {@link Selections#wakeEmpty}. */
    public void wakeEmpty(long since) {
        selections.wakeEmpty(since);
    }

    /** Deregisters the cancelled keys of these keys' selectors, as the next selection would. */
    private void flushCancelled(SelectionKey[] keys) throws IOException {
        for (SelectionKey key : keys) {
            if (key != null && type.isInstance(key.selector())) {
                flushCancelled(key.selector());
            }
        }
    }

    private void flushCancelled(Selector selector) throws IOException {
        SelectorWork work = selections.work(selector);
        withItsMonitors(selector, work, () -> flushUnderItsMonitors(selector));
        work.dropClosed();
    }

    private interface UnderMonitors {
        void run() throws IOException;
    }

    /**
     * The monitors and their order are those of a selection. A thread that is in a selection has been woken and does the work itself; waiting
     * for it would mean waiting for its next event. A selection that begins before this thread has the monitor returns at once.
     */
    private void withItsMonitors(Selector selector, SelectorWork work, UnderMonitors task) throws IOException {
        work.flushBegins();
        boolean waiting = true;
        try {
            if (isInSelection(selector)) {
                // Another thread's selection, one that does not wait, may have taken the wake-up for which this one
                // waits.
                AgentWakeUp.wake(selector);
                return;
            }
            AgentWakeUp.wake(selector);
            synchronized (selector) {
                work.flushEnds();
                waiting = false;
                synchronized (publicSelectedKeys.get(selector)) {
                    task.run();
                }
            }
        } finally {
            if (waiting) {
                work.flushEnds();
            }
        }
    }

    private void flushUnderItsMonitors(Selector selector) throws IOException {
        if (!selector.isOpen() || somebodyMayBeAtItsReadySet(selector)) {
            return;
        }
        try {
            processDeregisterQueue.invokeExact(selector);
        } catch (IOException | RuntimeException | Error failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * A cancelled key that is in the ready set would be taken out of it, under the hands of a thread that has come back from
     * its selection and walks through the set: it takes no lock for that. A thread that has ended does not; it may have done so
     * in the middle of its walk, and a thread that takes the selector over finds what its own selection would have left, the
     * other ready keys.
     */
    private boolean somebodyMayBeAtItsReadySet(Selector selector) {
        if (selections.lastThreadHasEnded(selector)) {
            return false;
        }
        var ready = (Set<?>) selectedKeys.get(selector);
        var cancelled = (Collection<?>) cancelledKeys.get(selector);
        synchronized (cancelled) {
            for (Object key : cancelled) {
                if (ready.contains(key)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Names the selectors for a report. */
    public String describe(SelectionKey[] keys) {
        var text = new StringBuilder();
        for (SelectionKey key : keys) {
            if (key != null) {
                append(text, key.selector());
            }
        }
        return text.length() == 0 ? "the JDK (no selector holds it any more)" : text.toString();
    }

    /** Names the selectors on which no thread selects any more; empty if there are none. */
    public String describeAbandoned(SelectionKey[] keys) {
        var text = new StringBuilder();
        for (SelectionKey key : keys) {
            if (key != null && isAbandoned(key.selector())) {
                append(text, key.selector());
            }
        }
        return text.toString();
    }

    /** Its toString() may be the application's. */
    private void append(StringBuilder text, Selector selector) {
        text.append(text.length() == 0 ? "selector " : ", ")
                .append(selector.getClass().getName())
                .append('@')
                .append(Integer.toHexString(System.identityHashCode(selector)))
                .append(" (")
                .append(selections.last(selector))
                .append(')');
    }
}
