package io.socketreaper.model;

/** Monotonic time, so that a test can move it. */
@FunctionalInterface
public interface Clock {
    /** Nanoseconds since an arbitrary origin; never goes backwards. Safe from any thread. */
    long nanoTime();

    Clock SYSTEM = new SystemClock();

    /** A class instead of a method reference, which would cost a lambda bootstrap at JVM start. */
    final class SystemClock implements Clock {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }
    }
}
