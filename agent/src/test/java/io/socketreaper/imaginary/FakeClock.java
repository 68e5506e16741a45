package io.socketreaper.imaginary;

import io.socketreaper.model.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Stands still until a test moves it. Starts below zero, because {@link System#nanoTime} may. */
public final class FakeClock implements Clock {
    private final AtomicLong now = new AtomicLong(-Duration.ofSeconds(25).toNanos());
    private final AtomicLong looks = new AtomicLong();
    private volatile long perLook;
    private long lookOfStop = -1;
    private Duration stop = Duration.ZERO;

    @Override
    public long nanoTime() {
        if (looks.incrementAndGet() == lookOfStop) {
            advance(stop);
        }
        return perLook == 0 ? now.get() : now.getAndAdd(perLook);
    }

    /** The time, without a look. */
    public long peek() {
        return now.get();
    }

    /** How often it was looked at. */
    public long looks() {
        return looks.get();
    }

    public void advance(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /**
     * The process is stopped right before a later look at the clock.
     *
     * @param look the next one is 1
     */
    public void stopsBefore(int look, Duration time) {
        lookOfStop = looks() + look;
        stop = time;
    }

    /** Whether that stop is over. */
    public boolean hasStopped() {
        return looks() >= lookOfStop;
    }

    /** Never backwards. */
    void advanceTo(long nanoTime) {
        now.accumulateAndGet(nanoTime, Math::max);
    }

    /** From now on no two looks at the clock show the same time, as with a real one. */
    public void runsBy(Duration timePerLook) {
        perLook = timePerLook.toNanos();
    }
}
