package io.socketreaper.release;

import io.socketreaper.stack.Claim;
import java.util.concurrent.TimeUnit;

/** How long the phases of a release may take. Nanoseconds. */
final class TimeLimits {
    /** The pauses between two steps: they grow from the shortest to the longest while there is no progress. */
    static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    /** How long the owner's event loop may take to say whether the socket is in use. */
    static final long ANSWER = TimeUnit.SECONDS.toNanos(10);
    /** How long the owner has to find out by its own read. */
    static final long HANDED_BACK = TimeUnit.MILLISECONDS.toNanos(300);
    /** The owner has at least this long after its thread was told. */
    static final long AFTER_TOLD = TimeUnit.MILLISECONDS.toNanos(100);
    /** A close waits at least this long for a selection, however long the hand-back took. */
    static final long SELECTION_ITSELF = TimeUnit.MILLISECONDS.toNanos(300);
    /**
     * How long a close may wait for a selection while the thread that selected last runs the application's code and has for two seconds
     * begun no selection that waits: it may be in the middle of a slow walk through the selector's keys, or through a copy of them. A
     * thread that has left its selector for good looks the same, so there must be an end.
     */
    static final long SELECTION_OF_BUSY_THREAD = TimeUnit.SECONDS.toNanos(10);
    /** Pause between two looks at such a thread. */
    static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(250);
    /** How long an owner's close may take before the next, stronger way is tried and the report says that the socket is still held. */
    static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    static final long LONGEST_PATIENCE = TimeUnit.SECONDS.toNanos(60);
    /**
     * How many closes the agent makes as the JDK does. With the patience doubling from one second to sixty this is about ten
     * minutes.
     */
    static final int MOST_ATTEMPTS = 15;
    /** How often the steps of one phase may fail before the JDK's close replaces it; with growing pauses about two seconds. */
    static final int MOST_FAILURES = 20;

    private static final long SELECTION = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long SELECTION_OF_LIVE_THREAD = TimeUnit.MILLISECONDS.toNanos(2_400);
    private static final long SELECTION_UNDER_PRESSURE = TimeUnit.SECONDS.toNanos(1);

    private TimeLimits() {}

    /**
     * How long a close may wait for a selection, the time for handing back included. Longer while the thread that selected last is alive: it
     * may be busy, and walk through the selector's keys, where it must meet no cancelled one; a loop that is busy for two seconds at a time
     * (issue 9) comes before this is over. Shorter while few descriptors are left.
     */
    static long selection(Claim claim, boolean underPressure) {
        if (underPressure) {
            return SELECTION_UNDER_PRESSURE;
        }
        return claim.isSelectedByLiveThread() ? SELECTION_OF_LIVE_THREAD : SELECTION;
    }
}
