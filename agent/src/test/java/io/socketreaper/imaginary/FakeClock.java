package io.socketreaper.imaginary;

import io.socketreaper.model.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Stands still until a test moves it. Starts below zero, because {@link System#nanoTime} may. */
public final class FakeClock implements Clock {
    private final AtomicLong now = new AtomicLong(-Duration.ofSeconds(25).toNanos());
    private final AtomicLong looks = new AtomicLong();
    private volatile long perLook;

    @Override
    public long nanoTime() {
        looks.incrementAndGet();
        return perLook == 0 ? now.get() : now.getAndAdd(perLook);
    }

    /** How often it was looked at. */
    public long looks() {
        return looks.get();
    }

    public void advance(Duration time) {
        now.addAndGet(time.toNanos());
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
