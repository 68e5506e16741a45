package io.socketreaper.leak;

/** Receives reports. Called on the reaper thread; must return soon and must not throw. */
public interface LeakSink {
    /** A leak, and what was done about it. A leak whose release is tried again comes more than once. */
    void leak(Leak leak, Outcome outcome);

    /**
     * A leak that was reported but not touched is none any more.
     *
     * @param afterMillis time since it was found
     */
    default void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {}

    /** Whether {@link #suspected} should be called. */
    default boolean wantsSuspects() {
        return false;
    }

    /** A socket shows a sign of a leak; called only if {@link #wantsSuspects}. */
    default void suspected(SuspectFound suspect) {}

    /** A leak, once, as soon as it is known to be one; {@link #leak} follows when its release has ended. */
    default void found(Leak leak) {}

    /** The open sockets of a line of code have begun to pile up, or have stopped. */
    default void growing(GrowingSite site) {}

    /** Descriptors pile up that the agent does not watch. */
    default void unwatched(UnwatchedDescriptors unwatched) {}

    /** The event that few descriptors are left, or none, or enough again. */
    default void shortage(DescriptorShortage shortage) {}

    /**
     * Called at least once a second, for a sink that writes at a bounded rate.
     *
     * @param now nano time
     * @return true if the sink has more to write and must be called again within a second
     */
    default boolean tick(long now) {
        return false;
    }
}
