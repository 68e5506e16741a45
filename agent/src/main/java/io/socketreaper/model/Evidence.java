package io.socketreaper.model;

/**
 * Everything a verdict rests on.
 *
 * @param snapshot      what kernel and JDK say now; the kind of leak follows from it
 * @param use           what application and peer have done with the socket
 * @param idleMillis    time since the last activity: the sign itself, a read or write, interest change, change on the wire
 * @param timeoutMillis how long a socket must be idle before it counts as leaked
 * @param lateTick      the agent's own tick came late: the whole JVM may have been stopped, so idle time is no evidence
 * @param shared        another descriptor of this process refers to the same socket (dup, JNI)
 * @param excluded      an exclusion of the settings matches
 */
public record Evidence(
        SocketSnapshot snapshot,
        SocketUse use,
        long idleMillis,
        long timeoutMillis,
        boolean lateTick,
        boolean shared,
        boolean excluded) {
    /** What a look alone can say. */
    public Evidence(SocketSnapshot snapshot, long idleMillis, long timeoutMillis, boolean lateTick) {
        this(snapshot, SocketUse.NONE, idleMillis, timeoutMillis, lateTick, false, false);
    }

    /** The same with what only the release looks up, because it is costly: once, for a socket that is otherwise a leak. */
    public Evidence with(boolean isShared, boolean isExcluded) {
        return new Evidence(snapshot, use, idleMillis, timeoutMillis, lateTick, isShared, isExcluded);
    }

    /** The same with what a later look saw. */
    public Evidence with(SocketSnapshot later) {
        return new Evidence(later, use, idleMillis, timeoutMillis, lateTick, shared, excluded);
    }

    /** The same with what is known of the use that application and peer make of the socket. */
    public Evidence with(SocketUse known) {
        return new Evidence(snapshot, known, idleMillis, timeoutMillis, lateTick, shared, excluded);
    }

    /** The same for a leak whose timeout has passed before. */
    public Evidence withoutTimeout() {
        return new Evidence(snapshot, use, idleMillis, 0, lateTick, shared, excluded);
    }

    public LeakKind kind() {
        return snapshot.kind();
    }

    public Grade grade() {
        return Grade.of(this);
    }
}
