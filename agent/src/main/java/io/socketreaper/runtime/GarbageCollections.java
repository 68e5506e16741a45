package io.socketreaper.runtime;

import io.socketreaper.detect.GarbageCollector;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadFactory;

/** Asks for collections on a thread of its own, which lives for one of them: it blocks until the JVM has collected. */
final class GarbageCollections implements GarbageCollector, Runnable {
    /**
     * How often a collection is asked for that does not take place. JDK 17 leaves out one that comes while a thread is in a critical
     * section of native code, as one that compresses is (measured: 50 of 50 beside two threads in {@code Deflater}; none on JDK 25).
     */
    private static final int ATTEMPTS = 40;

    private static final int PAUSE_MILLIS = 50;

    private final ThreadFactory threads;
    private final Runnable collection;
    private final Runnable done;
    private volatile boolean underWay;
    private volatile boolean effective = true;

    /** @param loop is woken after each */
    GarbageCollections(ThreadFactory threads, ReaperLoop loop) {
        this(threads, new JvmCollection(), loop.waker());
    }

    /**
     * @param collection asks the JVM for a collection, and blocks until it has taken place or has been left out
     * @param done       called after each
     */
    GarbageCollections(ThreadFactory threads, Runnable collection, Runnable done) {
        this.threads = threads;
        this.collection = collection;
        this.done = done;
    }

    private static final class JvmCollection implements Runnable {
        @Override
        public void run() {
            System.gc();
        }
    }

    @Override
    public void ask() {
        if (underWay) {
            return;
        }
        underWay = true;
        try {
            threads.newThread(this).start();
        } catch (Error noThread) {
            underWay = false;
            throw noThread;
        }
    }

    @Override
    public void run() {
        try {
            var garbage = new WeakReference<>(new Object());
            collection.run();
            for (int i = 1; i < ATTEMPTS && !garbage.refersTo(null); i++) {
                Thread.sleep(PAUSE_MILLIS);
                collection.run();
            }
            effective = garbage.refersTo(null);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } finally {
            underWay = false;
            done.run();
        }
    }

    @Override
    public boolean isUnderWay() {
        return underWay;
    }

    @Override
    public boolean isEffective() {
        return effective;
    }
}
