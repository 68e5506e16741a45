package io.socketreaper.leak;

/** Where reports go. Called on the reaper thread; must return soon and never throw. */
public interface LeakSink {
    /** A leak, and what was done about it. A leak that is tried again comes more than once. */
    void leak(Leak leak, Outcome outcome);

    /**
     * A leak that was reported but not touched turned out alive: the application read, or closed it.
     *
     * @param closed      true if it was closed, false if it is in use again
     * @param afterMillis time since it was found
     */
    void releasedAfterAll(Leak leak, boolean closed, long afterMillis);

    /** Whether {@link #suspected} is wanted now. */
    default boolean wantsSuspects() {
        return false;
    }

    /** A socket shows a sign; only told while somebody {@linkplain #wantsSuspects wants} it. */
    default void suspected(SuspectFound suspicion) {}

    /** A leak, once, as soon as it is known to be one; {@link #leak} tells what was done about it, once that has ended. */
    default void found(Leak leak) {}

    /** Descriptors become few, run out, or are there again. */
    default void shortage(DescriptorShortage shortage) {}

    /**
     * For what is written at a bounded rate.
     *
     * @param now nano time
     * @return true if there is more to write later, so that it must be called again within a second
     */
    boolean tick(long now);
}
