package io.socketreaper.selector;

import io.socketreaper.model.Clock;
import java.lang.ref.WeakReference;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The selectors in use: which thread selected last, and when. Fed by application threads at the beginning of each
 * selection, without a lock and, for a selector that the same thread has used before, without allocation.
 */
public final class Selections {
    private static final int BUCKETS = 256;

    /**
     * A thread that has begun a selection within this time comes back soon: it is busy for two seconds at a time at most (issue 9). Below
     * the time for which a close waits for a selection, so that a thread which is handed a socket right before it becomes busy counts.
     */
    static final long COMES_BACK = TimeUnit.MILLISECONDS.toNanos(2_200);
    /** How long a look at a thread counts: it takes its stack. */
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(200);

    /** Where threads take turns, how long after a selection the next thread is waited for: the default of {@code silent.timeout}. */
    static final long NEXT_THREAD_COMES = TimeUnit.MINUTES.toNanos(10);

    private final Clock clock;
    private volatile @Nullable Runnable onMet;
    private final AtomicReferenceArray<KnownSelector> heads = new AtomicReferenceArray<>(BUCKETS);
    private final MetSelectors met = new MetSelectors();
    private final InterestWatch interests;
    /** Read by application threads instead of the clock, which would cost more than the rest of a call. */
    private volatile long now;
    /** Asks for selections to be told from now on; null if they always are. */
    private volatile @Nullable Runnable whenWanted;

    private volatile boolean wanted;

    /**
     * @param onMet called on application threads when a selector is met that was not known before; null if {@link #nextMet} is never
     *              called
     */
    public Selections(Clock clock, @Nullable Runnable onMet) {
        this.clock = clock;
        this.onMet = onMet;
        this.interests = new InterestWatch(clock, this);
        this.now = clock.nanoTime();
    }

    /** A selection begins that waits. Any thread. */
    public void selecting(Object selector) {
        selecting(selector, entry(selector), true);
    }

    /** The same, of a selection that waits for a limited time. Any thread. */
    public void selectingForATime(Object selector) {
        KnownSelector entry = entry(selector);
        selecting(selector, entry, true);
        entry.repetition.startsAt(clock.nanoTime());
    }

    /**
     * The same, of one that does not wait. Where others wait, it may be made in the middle of a walk through a copy of the keys, which must
     * meet none that is cancelled: so it closes no channel then, and does not show that the thread has come back. Any thread.
     */
    public void selectingNow(Object selector) {
        selecting(selector, entry(selector), false);
    }

    private void selecting(Object selector, KnownSelector entry, boolean waits) {
        Thread thread = Thread.currentThread();
        Selecting last = entry.thread;
        if (last == null || !last.refersTo(thread)) {
            entry.takesTurns |= last != null && liveThread(entry) == null;
            last = new Selecting(thread);
            entry.thread = last;
        }
        boolean mayClose = entry.showsReturn(thread, last, waits);
        entry.at = now;
        if (mayClose) {
            entry.cameBackAt = now;
        }
        entry.repetition.selectionBegins();
        SelectorWork work = entry.work;
        if (work != null) {
            work.selecting((Selector) selector, mayClose);
        }
    }

    /** Only {@link AgentWakeUp} has woken the selection that the calling thread is in. */
    public void wokenByAgent(Object selector) {
        KnownSelector entry = entry(selector);
        if (entry.thread == null) {
            // Its beginning was not told.
            entry.thread = new Selecting(Thread.currentThread());
        }
        entry.repetition.wokenByAgent(entry.thread);
    }

    /**
     * How long the calling thread's selection has lasted, milliseconds, if it is about to return without a key only because the agent has
     * woken it; negative if that is not so, or not known. Asked once for each such wake-up.
     */
    public long lastedInVain(Object selector) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        if (entry == null) {
            return Repetition.NOT_IN_VAIN;
        }
        long start = entry.repetition.startedAt();
        SelectorWork work = entry.work;
        return work != null && work.mustBeLetIn((Selector) selector)
                ? Repetition.NOT_IN_VAIN
                : entry.repetition.lastedInVain((Selector) selector, start, entry.thread, clock);
    }

    /** What the application asks of keys and sees in them. */
    public InterestWatch interests() {
        return interests;
    }

    /** The work that there is or was for the selector's selections, null if there never was any. Any thread. */
    @Nullable
    SelectorWork workSoFar(Object selector) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        return entry == null ? null : entry.work;
    }

    /** How to ask for selections to be told, if they are not from the start. Before the first event. */
    public void whenWanted(Runnable ask) {
        whenWanted = ask;
    }

    /**
     * The work for the selector's next selection. From now on the hook tells of all selections, for good: after a gap the last selecting
     * thread would be unknown. Reaper thread and closers.
     */
    SelectorWork work(Selector selector) {
        KnownSelector entry = entry(selector);
        want();
        synchronized (this) {
            if (entry.work == null) {
                entry.work = new SelectorWork(clock);
            }
        }
        return entry.work;
    }

    /** From now on the hook tells of all selections, for good. Reaper thread and closers. */
    public void want() {
        if (wanted) {
            return;
        }
        synchronized (this) {
            if (!wanted) {
                if (whenWanted != null) {
                    whenWanted.run();
                }
                // Last: a thread that finds it true may wake a selector at once.
                wanted = true;
            }
        }
    }

    /**
     * From now on {@link #nextMet} tells of selectors, also of those that are known already.
     *
     * @param listener called on application threads when a selector is met that was not known before
     */
    public void tellMet(Runnable listener) {
        onMet = listener;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            for (KnownSelector entry = heads.get(bucket); entry != null; entry = entry.next) {
                Object selector = entry.get();
                if (selector != null) {
                    met.add(selector);
                }
            }
        }
    }

    /** Records a selector that exists. Any thread. */
    void met(Object selector) {
        entry(selector);
    }

    private KnownSelector entry(Object selector) {
        int bucket = bucket(selector);
        while (true) {
            KnownSelector head = heads.get(bucket);
            KnownSelector known = find(head, selector);
            if (known != null) {
                return known;
            }
            var added = new KnownSelector(selector, dropOver(head));
            if (heads.compareAndSet(bucket, head, added)) {
                Runnable toTell = onMet;
                if (toTell != null) {
                    met.add(selector);
                    toTell.run();
                }
                return added;
            }
        }
    }

    private static @Nullable KnownSelector find(KnownSelector head, Object selector) {
        for (KnownSelector entry = head; entry != null; entry = entry.next) {
            if (entry.refersTo(selector)) {
                return entry;
            }
        }
        return null;
    }

    /**
     * Takes the entries that are over out of a chain, which the caller has walked through already, and returns its new beginning. Programs that
     * open a selector per request must not make chains grow. Of two threads that do so at once, one may put back what the other has taken out:
     * the next drops it.
     */
    private static @Nullable KnownSelector dropOver(@Nullable KnownSelector head) {
        KnownSelector first = head;
        while (first != null && first.isOver()) {
            first = first.next;
        }
        for (KnownSelector entry = first; entry != null; ) {
            KnownSelector next = entry.next;
            if (next != null && next.isOver()) {
                entry.next = next.next;
            } else {
                entry = next;
            }
        }
        return first;
    }

    private static int bucket(Object selector) {
        int hash = System.identityHashCode(selector);
        return (hash ^ hash >>> 16) & BUCKETS - 1;
    }

    /** Moves the clock that selections are dated by. Reaper thread, now and then. */
    public void tick() {
        now = clock.nanoTime();
        interests.tick();
    }

    /** The time by which selections are dated now. Any thread. */
    public long time() {
        return now;
    }

    /**
     * Wakes the threads that have begun a selection since then on a selector that holds no channel. Such a thread may wait for the input of a
     * channel that was closed after its registration and before the selection: that selection has dropped the key and waits for ever, unless it
     * is woken. Harmless for others. Reaper thread.
     *
     * @param since a {@link #time}
     */
    public void wakeEmpty(long since) {
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            for (KnownSelector entry = heads.get(bucket); entry != null; entry = entry.next) {
                if (entry.thread != null
                        && entry.at - since >= 0
                        && entry.get() instanceof Selector selector
                        && isEmpty(selector)
                        && entry.wakes.allows(clock.nanoTime())) {
                    selector.wakeup();
                }
            }
        }
    }

    private static boolean isEmpty(Selector selector) {
        try {
            return selector.keys().isEmpty();
        } catch (ClosedSelectorException closed) {
            return false;
        }
    }

    /** Whether there is one that {@link #nextMet} has not told of. Any thread. */
    public boolean hasMet() {
        return !met.isEmpty();
    }

    /** How many of them there are. */
    int waiting() {
        return met.size();
    }

    /** A selector that was not known before, null if there is none. Reaper thread. */
    public @Nullable Selector nextMet() {
        return met.next();
    }

    /**
     * True only if the thread that selected last is known and has ended. Where threads have taken turns another one may still come: then it is
     * false for {@link #NEXT_THREAD_COMES} after the last selection. Any thread.
     */
    boolean lastThreadHasEnded(Object selector) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        return entry != null
                && entry.thread != null
                && liveThread(entry) == null
                && !(entry.takesTurns && clock.nanoTime() - entry.at < NEXT_THREAD_COMES);
    }

    /** True only if the thread that selected last is known and alive. Any thread. */
    boolean isSelectedByLiveThread(Object selector) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        return entry != null && liveThread(entry) != null;
    }

    /** The thread that selected last; null if it is not known or has ended. */
    private static @Nullable Thread liveThread(KnownSelector entry) {
        WeakReference<Thread> last = entry.thread;
        Thread thread = last == null ? null : last.get();
        return thread != null && thread.isAlive() ? thread : null;
    }

    /**
     * Whether the thread that selected last has begun no selection for {@link #COMES_BACK} because it is at work in code of the
     * application, or may be: it is alive, and does not wait in a thread pool for its next task. A look at it counts for {@link #LOOK}.
     * Reaper thread.
     *
     * @param isSlow it was found so before: then it does not count that it has begun a selection since
     */
    boolean isLastThreadBusy(Object selector, boolean isSlow) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        Thread thread = entry == null ? null : liveThread(entry);
        if (entry == null || thread == null) {
            return false;
        }
        long time = clock.nanoTime();
        if (!isSlow && time - entry.cameBackAt < COMES_BACK) {
            return false;
        }
        if (!entry.wasLookedAt || time - entry.lookedAt >= LOOK) {
            entry.busy = BusyThread.isBusy(thread);
            entry.wasLookedAt = true;
            entry.lookedAt = time;
        }
        return entry.busy;
    }

    /** Whether the last selection of the thread that waits on it was one that does not wait. Any thread. */
    boolean isInPassing(Object selector) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        return entry != null && entry.inPassing;
    }

    /** Names the thread that selected last, and when, for a report. Any thread. */
    String last(Object selector) {
        KnownSelector entry = find(heads.get(bucket(selector)), selector);
        if (entry == null || entry.thread == null) {
            return "no thread has selected on it since the agent was loaded";
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(clock.nanoTime() - entry.at);
        return "last selected on about " + seconds + " s ago by " + entry.thread.describe();
    }
}
