package io.socketreaper.selector;

import io.socketreaper.model.Clock;
import java.lang.ref.WeakReference;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The selectors in use: which thread selected last, and when. Fed by application threads at the beginning of each
 * selection, without a lock and, for a selector that the same thread has used before, without allocation.
 */
public final class Selections {
    private static final int BUCKETS = 256;
    /** Selectors that wait for {@link #nextMet}: more come only while the reaper thread is held up, or channels are not watched. */
    static final int MOST_MET = 1 << 12;

    private final Clock clock;
    private final Runnable onMet;
    private final AtomicReferenceArray<Entry> heads = new AtomicReferenceArray<>(BUCKETS);
    private final Queue<WeakReference<Object>> met = new ConcurrentLinkedQueue<>();
    private final AtomicInteger metCount = new AtomicInteger();
    /** Read by application threads instead of the clock, which would cost more than the rest of a call. */
    private volatile long now;
    /** Asks for selections to be told from now on; null if they always are. */
    private volatile Runnable whenWanted;

    private volatile boolean wanted;

    /**
     * @param onMet called on application threads when a selector is met that was not known before; null if {@link #nextMet} is never
     *              called
     */
    public Selections(Clock clock, Runnable onMet) {
        this.clock = clock;
        this.onMet = onMet;
        this.now = clock.nanoTime();
    }

    /** One selector. A lost update of the last selection by a second thread is harmless. */
    private static final class Entry extends WeakReference<Object> {
        private final Entry next;
        private volatile Selecting thread;
        private volatile long at;
        /** The work for its next selection; null before the first. */
        private volatile SelectorWork work;

        Entry(Object selector, Entry next) {
            super(selector);
            this.next = next;
        }
    }

    /** A thread, and its name for when it is gone. */
    private static final class Selecting extends WeakReference<Thread> {
        private final String name;

        Selecting(Thread thread) {
            super(thread);
            this.name = thread.getName();
        }
    }

    /** A selection begins. Any thread. */
    public void selecting(Object selector) {
        Entry entry = entry(selector);
        Thread thread = Thread.currentThread();
        WeakReference<Thread> last = entry.thread;
        if (last == null || !last.refersTo(thread)) {
            entry.thread = new Selecting(thread);
        }
        entry.at = now;
        SelectorWork work = entry.work;
        if (work != null) {
            work.selecting((Selector) selector);
        }
    }

    /** How to ask for selections to be told, if they are not from the start. Before the first event. */
    public void whenWanted(Runnable ask) {
        whenWanted = ask;
    }

    /**
     * What is to be done in the selector's next selection. From here on selections are told; they stay so, because what is known of
     * who selects would be wrong after a gap. Reaper thread and closers.
     */
    SelectorWork work(Selector selector) {
        Entry entry = entry(selector);
        synchronized (this) {
            if (entry.work == null) {
                entry.work = new SelectorWork();
            }
            if (!wanted) {
                wanted = true;
                if (whenWanted != null) {
                    whenWanted.run();
                }
            }
        }
        return entry.work;
    }

    /** There is such a selector. Any thread. */
    void met(Object selector) {
        entry(selector);
    }

    private Entry entry(Object selector) {
        int bucket = bucket(selector);
        while (true) {
            Entry head = heads.get(bucket);
            Entry known = find(head, selector);
            if (known != null) {
                return known;
            }
            var added = new Entry(selector, withoutCollected(head));
            if (heads.compareAndSet(bucket, head, added)) {
                if (onMet != null) {
                    addMet(selector);
                    onMet.run();
                }
                return added;
            }
        }
    }

    /** The oldest gives way: a program that opens a selector per request has closed that one by now. */
    private void addMet(Object selector) {
        met.add(new WeakReference<>(selector));
        if (metCount.incrementAndGet() > MOST_MET) {
            takeMet();
        }
    }

    private WeakReference<Object> takeMet() {
        WeakReference<Object> oldest = met.poll();
        if (oldest != null) {
            metCount.decrementAndGet();
        }
        return oldest;
    }

    private static Entry find(Entry head, Object selector) {
        for (Entry entry = head; entry != null; entry = entry.next) {
            if (entry.refersTo(selector)) {
                return entry;
            }
        }
        return null;
    }

    /** Programs that open a selector per request must not make chains grow for ever. */
    private static Entry withoutCollected(Entry head) {
        Entry first = head;
        while (first != null && first.refersTo(null)) {
            first = first.next;
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
    public Selector nextMet() {
        for (WeakReference<Object> reference = takeMet(); reference != null; reference = takeMet()) {
            if (reference.get() instanceof Selector selector) {
                return selector;
            }
        }
        return null;
    }

    /** True only if the thread that selected last is known and has ended. Any thread. */
    boolean lastThreadHasEnded(Object selector) {
        Entry entry = find(heads.get(bucket(selector)), selector);
        WeakReference<Thread> last = entry == null ? null : entry.thread;
        if (last == null) {
            return false;
        }
        Thread thread = last.get();
        return thread == null || !thread.isAlive();
    }

    /** True only if the thread that selected last is known and alive. Any thread. */
    boolean isSelectedByLiveThread(Object selector) {
        Entry entry = find(heads.get(bucket(selector)), selector);
        WeakReference<Thread> last = entry == null ? null : entry.thread;
        Thread thread = last == null ? null : last.get();
        return thread != null && thread.isAlive();
    }

    /** Names the thread that selected last, and when, for a report. Any thread. */
    String last(Object selector) {
        Entry entry = find(heads.get(bucket(selector)), selector);
        if (entry == null || entry.thread == null) {
            return "nobody has selected on it since the agent came";
        }
        Selecting selecting = entry.thread;
        Thread thread = selecting.get();
        String name = thread == null ? selecting.name : thread.getName();
        String who = (name.isEmpty() ? "a thread without a name" : "thread \"" + name + "\"")
                + (thread != null && thread.isAlive() ? "" : ", which has ended");
        long seconds = TimeUnit.NANOSECONDS.toSeconds(clock.nanoTime() - entry.at);
        return "last selected on about " + seconds + " s ago by " + who;
    }
}
