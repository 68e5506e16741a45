package io.socketreaper.watch;

import io.socketreaper.judge.Sighting;
import io.socketreaper.release.Case;
import io.socketreaper.release.Finding;
import io.socketreaper.socket.SocketHandle;
import java.util.Arrays;

/**
 * A socket that showed a sign and waits for its deadline. Application threads write the volatile fields, without a lock;
 * the rest belongs to the reaper thread.
 */
final class Suspect implements Finding, Comparable<Suspect> {
    private static final String HOOK = "sun.nio.ch.SocketReaperHook";
    private static final int OWN_FRAMES = 10;

    private final SocketHandle socket;
    private final long number;
    private final int hash;
    private final long signAt;
    private final String signThread;

    /** Next suspect in the same chain of the {@link SuspectTable}. */
    volatile Suspect next;

    private volatile long lastActivity;
    private volatile long lastRead;
    private volatile boolean wasRead;
    private volatile boolean closed;

    // -- The fields below belong to the reaper thread.

    /** Taken on the thread of the sign; its frames are materialised when somebody asks, and then it is dropped. */
    private Throwable trace;
    private StackTraceElement[] frames;
    /** What the last look saw, null before the first. */
    Sighting lastSighting;
    /** Time of the next look. */
    long checkAt;
    /** From the moment its leak was handed on until it shows life again; null otherwise. */
    Case openCase;
    /** It was found gone although nobody had closed it. */
    boolean vanished;

    Suspect(SocketHandle socket, long number, int hash, long now, String thread, Throwable stack) {
        this.socket = socket;
        this.number = number;
        this.hash = hash;
        this.signAt = now;
        this.signThread = thread;
        this.trace = stack;
        this.lastActivity = now;
    }

    int hash() {
        return hash;
    }

    /** The application, or the network, did something. */
    void touch(long now) {
        lastActivity = now;
    }

    void touchRead(long now) {
        lastRead = now;
        wasRead = true;
        lastActivity = now;
    }

    /** False for a second closer; two that race may both be told true, which is harmless. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    boolean closed() {
        return closed;
    }

    @Override
    public SocketHandle socket() {
        return socket;
    }

    @Override
    public long signAt() {
        return signAt;
    }

    @Override
    public String signThread() {
        return signThread;
    }

    @Override
    public StackTraceElement[] signStack() {
        if (frames == null) {
            frames = withoutOwn(trace.getStackTrace());
            trace = null;
        }
        return frames;
    }

    @Override
    public void shareStack(StackTraceElement[] same) {
        frames = same;
    }

    /** The innermost frames are the agent's own, down to the hook. */
    private static StackTraceElement[] withoutOwn(StackTraceElement[] all) {
        int first = 0;
        for (int i = 0; i < all.length && i < OWN_FRAMES; i++) {
            if (all[i].getClassName().equals(HOOK)) {
                first = i + 1;
            }
        }
        return Arrays.copyOfRange(all, first, all.length);
    }

    @Override
    public long lastActivity() {
        return lastActivity;
    }

    @Override
    public long millisSinceRead(long now) {
        return wasRead ? Math.max(0, now - lastRead) / 1_000_000 : -1;
    }

    /** By deadline, then by arrival. */
    @Override
    public int compareTo(Suspect other) {
        return checkAt != other.checkAt ? Long.signum(checkAt - other.checkAt) : Long.compare(number, other.number);
    }
}
