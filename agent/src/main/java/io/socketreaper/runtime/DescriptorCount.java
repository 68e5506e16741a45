package io.socketreaper.runtime;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.detect.Pressure;
import io.socketreaper.detect.UnwatchedCensus;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Counts the descriptors on a thread that lives for one count: with very many of them it takes a while. */
final class DescriptorCount implements UnwatchedCensus.Counter, Runnable {
    private final ThreadFactory threads;
    private final Pressure pressure;
    /** Published by {@link #underWay}. */
    private long length;

    private volatile boolean underWay;
    private volatile @Nullable DescriptorKinds result;

    DescriptorCount(ThreadFactory threads, Pressure pressure) {
        this.threads = threads;
        this.pressure = pressure;
    }

    @Override
    public void begin() {
        underWay = true;
        result = null;
        try {
            threads.newThread(this).start();
        } catch (Error noThread) {
            underWay = false;
            throw noThread;
        }
    }

    @Override
    public void run() {
        long begun = System.nanoTime();
        try {
            result = pressure.kinds();
        } finally {
            length = System.nanoTime() - begun;
            underWay = false;
        }
    }

    @Override
    public boolean isUnderWay() {
        return underWay;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public @Nullable DescriptorKinds result() {
        return result;
    }
}
