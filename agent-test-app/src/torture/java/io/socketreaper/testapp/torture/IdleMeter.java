package io.socketreaper.testapp.torture;

import java.util.concurrent.TimeUnit;

/**
 * Measures for how long a connection looked leaked, and tells whether a release was allowed. Used by the one
 * thread that plays the connection; another may half-close it.
 */
final class IdleMeter {
    /** Of the timeout: a pause that is shorter must leave the socket untouched. */
    private static final double LIMIT = 0.8;
    /** This many reads after its half-close make it a consumer, even if one was under way then. */
    private static final int CONSUMER = 3;

    private final Conditions conditions;
    private final boolean unix;
    private final Lateness lateness;
    private long inUseUntil;
    private long delivered;
    private volatile boolean halfClosed;
    private int readsSince;
    private volatile boolean touchable;
    private long longest;

    /**
     * @param unix     a unix-domain socket, of whose peer it is known at once that it is gone
     * @param since    {@link System#nanoTime()} of a moment at which the socket was in use
     * @param lateness null for a peer, whose socket no agent releases
     */
    IdleMeter(Conditions conditions, boolean unix, long since, Lateness lateness) {
        this.conditions = conditions;
        this.unix = unix;
        inUseUntil = since;
        this.lateness = lateness;
    }

    static IdleMeter ofPeer() {
        return new IdleMeter(null, false, 0, null);
    }

    /** An operation begins. */
    void use() {
        if (lateness == null) {
            return;
        }
        long rest = System.nanoTime() - inUseUntil + lateness.since(inUseUntil);
        longest = Math.max(longest, rest);
        if (rest > TimeUnit.MILLISECONDS.toNanos(conditions.timeout()) * LIMIT) {
            touchable |= halfClosed
                    ? readsSince < CONSUMER && conditions.releases() || conditions.releasesDoubtful()
                    : conditions.tracksAll() && (conditions.releasesDoubtful() || unix && conditions.releases());
        }
    }

    /** The operation has ended; the socket was last seen in use then. */
    void used(long time) {
        inUseUntil = time;
    }

    void halfClosed() {
        halfClosed = true;
    }

    /** Bytes were read; from the socket, unless it was last in use for an earlier read, and they come from a buffer above it. */
    void delivered() {
        if (halfClosed && delivered != inUseUntil) {
            readsSince++;
        }
        delivered = inUseUntil;
    }

    boolean touchable() {
        return touchable;
    }

    long longestMillis() {
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }
}
