package io.socketreaper.release;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.Claim;
import java.io.IOException;

/** One attempt to close a socket. It counts from the moment that it begins, however long it waits for a thread. */
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

    /** Whose socket it is to close. */
    public Claim claim() {
        return claim;
    }

    /** Closes it. May block. */
    public void run() throws IOException {
        begin();
        claim.close(way);
    }

    /** The same while another attempt of the claim's hangs. */
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
