package io.socketreaper.runtime;

import io.socketreaper.detect.GarbageCollector;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadFactory;

/** Asks for collections on a thread of its own, which lives for one of them: it blocks until the JVM has collected. */
final class GarbageCollections implements GarbageCollector, Runnable {
    private final ThreadFactory threads;
    private final ReaperLoop loop;
    private volatile boolean underWay;
    private volatile boolean effective = true;

    /** @param loop is woken after each */
    GarbageCollections(ThreadFactory threads, ReaperLoop loop) {
        this.threads = threads;
        this.loop = loop;
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
            System.gc();
            effective = garbage.refersTo(null);
        } finally {
            underWay = false;
            loop.wake();
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
