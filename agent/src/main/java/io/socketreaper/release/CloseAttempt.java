package io.socketreaper.release;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.Claim;
import java.io.IOException;

/** One attempt to close a socket. Its time counts from the moment that it begins, however long it waits for a thread. */
public final class CloseAttempt {
    private final Claim claim;
    private final int way;
    private final Clock clock;
    private volatile boolean begun;
    private volatile long begunAt;

    /** @param way one of the owner's {@link Claim#ways}, or {@link Claim#AS_THE_JDK} */
    public CloseAttempt(Claim claim, int way, Clock clock) {
        this.claim = claim;
        this.way = way;
        this.clock = clock;
    }

    /** The socket that it closes. */
    public Claim claim() {
        return claim;
    }

    /** Closes the socket. May block. */
    public void run() throws IOException {
        begin();
        claim.close(way);
    }

    /** Closes the socket below its owner while another attempt of the same claim hangs. May block. */
    public void runBelow() throws IOException {
        begin();
        claim.closeBelow();
    }

    private void begin() {
        begunAt = clock.nanoTime();
        begun = true;
    }

    boolean hasBegun() {
        return begun;
    }

    /** Nano time; once it {@link #hasBegun}. */
    long begunAt() {
        return begunAt;
    }
}
