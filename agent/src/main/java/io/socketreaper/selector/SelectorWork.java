package io.socketreaper.selector;

import io.socketreaper.model.Clock;
import java.lang.ref.WeakReference;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The work for the beginning of the next selection on one selector, done by the selecting thread: at that moment it holds no monitor
 * of the selector, walks through no set of keys, and its selection sees the changes at once. Only condemned sockets are
 * touched. A thread that selects is held up for {@link #LONGEST} at most, and is woken again for the rest. One that comes late, because it
 * was busy, is held up for half of that time at most: the rest would wait for as long again.
 */
public final class SelectorWork {
    static final int MOST_TASKS = 1_000;
    /** Fewer than the channels that one selection reports, which are 512. */
    static final int MOST_BACKS = 256;

    static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(20);
    /** However late the thread comes: the longest time for which its other channels wait. */
    static final long LONGEST_OF_LATE_THREAD = TimeUnit.MILLISECONDS.toNanos(500);
    /** Closes in one hold of the selector's monitors by another thread: some 15 ms. */
    static final int MOST_APART = 512;
    /** Closes that a selection makes in any case: one or two milliseconds of work, however long a busy machine takes for it. */
    static final int LEAST_CLOSES = 64;
    /** The clock is read after this many tasks. */
    private static final int TASKS_PER_LOOK = 16;

    private final Clock clock;
    /** Sockets to be handed back. */
    private final ConcurrentLinkedQueue<HandBack> backs = new ConcurrentLinkedQueue<>();
    /** Handed-back sockets that must also see the next selection. Looked up by every thread of the application that uses a key meanwhile. */
    private final ConcurrentHashMap<SelectionKey, HandBack> told = new ConcurrentHashMap<>();
    /** Sockets to be closed. A socket that is being released is in it once per key. */
    private final Queue<Close> closes = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean running = new AtomicBoolean();
    /** Set by the thread that wakes the selector, cleared by the selection that follows: one wake-up serves all. */
    private volatile boolean woken;
    /** When that was, nano time. Written before {@link #woken}. */
    private volatile long wokenAt;
    /** Threads of ours that are about to take the selector's monitors; a selection that begins meanwhile does not last. */
    private final AtomicInteger flushes = new AtomicInteger();
    /** Selections that began while there was something to do; only one thread at a time counts. */
    private volatile int selections;

    private final Lock apart = new ReentrantLock();
    private volatile boolean usesAttachments;
    /** The thread whose selection has told of sockets and that has not begun another one; null if there is none. */
    private volatile @Nullable WeakReference<Thread> reader;
    /** The same, but another thread has begun a selection since. */
    private volatile @Nullable WeakReference<Thread> succeeded;

    private volatile boolean hasEnded;
    /** This selection is the first that may report one of {@link #told}. One thread at a time, see {@link #running}. */
    private boolean isToldOfNew;

    SelectorWork(Clock clock) {
        this.clock = clock;
    }

    /**
     * A close that waits for a selection.
     *
     * @param key  the selection key that the close cancels
     * @param task closes the socket
     */
    record Close(SelectionKey key, CloseTask task) {}

    /** Closes a socket unless it is in use. */
    public interface CloseTask {
        /**
         * @param inSelection whether the calling thread begins a selection; false if the agent's thread closes apart from one
         * @return true if the socket must see that selection and be closed in the next one
         */
        boolean run(boolean inSelection);
    }

    /** Any thread. */
    public void addBack(Selector selector, HandBack back) {
        backs.add(back);
        wake(selector);
    }

    /** Any thread. */
    public void addClose(SelectionKey key, CloseTask task) {
        closes.add(new Close(key, task));
        wake(key.selector());
    }

    private void wake(Selector selector) {
        if (!woken) {
            wokenAt = clock.nanoTime();
            woken = true;
            AgentWakeUp.wake(selector);
        }
    }

    /**
     * A selection begins. The thread that makes it.
     *
     * @param mayClose false if the thread may be in the middle of a walk through keys: then closes are left to its next selection that may
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time, see running
    void selecting(Selector selector, boolean mayClose) {
        if (flushes.get() > 0) {
            AgentWakeUp.wake(selector);
        }
        long late = 0;
        if (woken) {
            long now = clock.nanoTime();
            late = mayClose ? now - wokenAt : 0;
            // It has come, if only to select without waiting.
            wokenAt = now;
            if (mayClose) {
                // Before the queues are looked at, also if they are empty: what is added from here on wakes again.
                woken = false;
            }
        }
        if (backs.isEmpty() && told.isEmpty() && closes.isEmpty() || !running.compareAndSet(false, true)) {
            return;
        }
        try {
            selections = selections + 1;
            run(clock.nanoTime(), longest(late), mayClose);
            if (!backs.isEmpty() || mayClose && !closes.isEmpty()) {
                wake(selector);
            }
        } finally {
            running.set(false);
        }
    }

    /**
     * How long a thread may be held up, nanoseconds.
     *
     * @param late how long after it was woken it begins its selection, nanoseconds
     */
    private static long longest(long late) {
        return Math.max(LONGEST, Math.min(late / 2, LONGEST_OF_LATE_THREAD));
    }

    private void run(long start, long longest, boolean mayClose) {
        WeakReference<Thread> before = reader;
        if (before != null && !before.refersTo(Thread.currentThread())) {
            anotherThreadSelects(before, mayClose);
        }
        isToldOfNew = false;
        if (mayClose) {
            // Those that are added below are for the next selection.
            runTold();
        }
        int room = MOST_BACKS - told.size();
        for (int i = 1; i <= room && !isOver(i, start, longest); i++) {
            HandBack back = backs.poll();
            if (back == null) {
                break;
            }
            // Before its key asks for input, so that no wish of the application is missed that comes after that.
            told.put(back.key(), back);
            if (runBack(back)) {
                told.remove(back.key());
            }
        }
        if (mayClose || isToldOfNew) {
            noteReader();
        }
        if (mayClose) {
            runCloses(start, longest);
        }
    }

    private void runTold() {
        for (Iterator<HandBack> each = told.values().iterator(); each.hasNext(); ) {
            if (runBack(each.next())) {
                each.remove();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very one that was queued again
    private void runCloses(long start, long longest) {
        Close firstAgain = null;
        int most = longest > LONGEST ? Integer.MAX_VALUE : MOST_TASKS;
        for (int done = 0; done < most && (done < LEAST_CLOSES || !isOver(done, start, longest)); done++) {
            Close close = closes.poll();
            if (close == null) {
                return;
            }
            if (close == firstAgain) {
                // The closes behind it in the queue are for the next selection, too.
                closes.add(close);
                return;
            }
            if (run(close, true)) {
                firstAgain = firstAgain == null ? close : firstAgain;
                closes.add(close);
            }
        }
    }

    /** The thread has not selected again since it was told of a socket without a known framework. */
    private void anotherThreadSelects(WeakReference<Thread> before, boolean mayClose) {
        int handed = told.size();
        boolean hasEnded = hasEnded(before);
        dropForAnotherThread(told.values(), hasEnded, mayClose);
        if (told.size() < handed) {
            dropForAnotherThread(backs, hasEnded, mayClose);
            readerHasEnded();
            succeeded = before;
        }
    }

    private static void dropForAnotherThread(Collection<HandBack> queue, boolean hasEnded, boolean mayClose) {
        for (Iterator<HandBack> each = queue.iterator(); each.hasNext(); ) {
            if (each.next().anotherThreadSelects(hasEnded, mayClose)) {
                each.remove();
            }
        }
    }

    private void noteReader() {
        WeakReference<Thread> before = reader;
        if (!isToldOfNew) {
            if (before != null) {
                reader = null;
            }
        } else if (before == null || !before.refersTo(Thread.currentThread())) {
            reader = new WeakReference<>(Thread.currentThread());
        }
    }

    /**
     * Whether a thread has ended in place of the selection after the one that told it of sockets: as far as is known it could not
     * bear that. Stays so. Any thread.
     */
    public boolean readerHasEnded() {
        if (!hasEnded && (hasEnded(reader) || hasEnded(succeeded))) {
            hasEnded = true;
        }
        return hasEnded;
    }

    private static boolean hasEnded(@Nullable WeakReference<Thread> reference) {
        if (reference == null) {
            return false;
        }
        Thread thread = reference.get();
        return thread == null || !thread.isAlive();
    }

    /** Returns false if it wants to know of the next selection, too. */
    private boolean runBack(HandBack back) {
        boolean done = back.selectionBegins();
        isToldOfNew |= !done && !back.isSurvived();
        return done;
    }

    /** The application asks for input by that key. Any thread. */
    void askedForInput(SelectionKey key) {
        HandBack back = told.get(key);
        if (back != null) {
            back.askedForInput();
        }
    }

    /** The application was told that the key asks for input. Any thread. */
    void interestSeen(SelectionKey key) {
        HandBack back = told.get(key);
        if (back != null) {
            back.interestSeen();
        }
    }

    private boolean isOver(int tasks, long start, long longest) {
        return tasks % TASKS_PER_LOOK == 0 && clock.nanoTime() - start > longest;
    }

    /** A connection's key of the selector has an attachment. Any thread. */
    void noteAttachment() {
        usesAttachments = true;
    }

    /** Whether that was ever seen: the thread that selects dispatches on attachments. Any thread. */
    boolean usesAttachments() {
        return usesAttachments;
    }

    /** The caller is about to take the selector's monitors. Not the reaper thread. */
    void flushBegins() {
        flushes.incrementAndGet();
    }

    /**
     * Whether the caller, whose selection is over, keeps out a thread of ours that waits for the selector's monitors: it holds them, so
     * only the application can let that thread in. If it does not, it gives that thread a moment before it takes them again.
     */
    @SuppressWarnings("ThreadPriorityCheck") // correct without it; that thread comes sooner
    boolean mustBeLetIn(Selector selector) {
        if (flushes.get() == 0) {
            return false;
        }
        if (Thread.holdsLock(selector) || Thread.holdsLock(selector.selectedKeys())) {
            return true;
        }
        Thread.yield();
        return false;
    }

    /** It has taken them. */
    void flushEnds() {
        flushes.decrementAndGet();
    }

    /** Held by the thread that closes sockets apart from a selection. Not the reaper thread, and not one that selects. */
    Lock apart() {
        return apart;
    }

    /** How many selections have begun while there was something to do. Any thread. */
    public int selections() {
        return selections;
    }

    /** Whether sockets wait to be closed. Any thread. */
    boolean hasCloses() {
        return !closes.isEmpty();
    }

    /**
     * Takes out up to {@link #MOST_APART} closes, because no thread has selected for long. Not the reaper thread.
     *
     * @param isInHand keys that a thread may be about to handle; their sockets are left for its next selection
     */
    List<Close> take(Predicate<SelectionKey> isInHand) {
        List<Close> left = new ArrayList<>();
        List<Close> taken = new ArrayList<>();
        for (Close close = closes.poll(); close != null; close = taken.size() < MOST_APART ? closes.poll() : null) {
            (isInHand.test(close.key()) ? left : taken).add(close);
        }
        closes.addAll(left);
        backs.removeIf(HandBack::isOver);
        told.values().removeIf(HandBack::isOverAndTakenBack);
        return taken;
    }

    /** Queues closes again that are left to the next selection. Not the reaper thread. */
    void putBack(List<Close> left) {
        closes.addAll(left);
    }

    /** Forgets the closes of channels that are closed by now. Any thread. */
    void dropClosed() {
        closes.removeIf(close -> !close.key().channel().isOpen());
    }

    /** Returns whether it is to be run again in the next selection. */
    static boolean run(Close close, boolean inSelection) {
        try {
            return close.task().run(inSelection);
        } catch (RuntimeException failed) {
            // Only one socket of many failed; the release checks each descriptor in any case.
            return false;
        }
    }
}
