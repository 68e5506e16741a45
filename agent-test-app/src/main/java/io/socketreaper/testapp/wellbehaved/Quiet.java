package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;

/**
 * Measures how long nobody wants to read one half-closed socket. On a machine so busy that a short pause becomes nearly
 * as long as the agent's timeout, the socket does look forgotten: releasing it would be no mistake of the agent, and
 * the try is worth nothing. Used by the one thread that reads the socket; whoever reports a failure may ask.
 */
final class Quiet {
    private final long limit;
    /** When the current pause began at the earliest; meaningless while {@link #quiet} is false. */
    private volatile long since;

    private volatile boolean quiet;

    Quiet(Duration reaperTimeout) {
        limit = reaperTimeout.toNanos() / 10 * 8;
    }

    /** To be called just before the last thing that shows the socket in use. */
    void begins() {
        since = System.nanoTime();
        quiet = true;
    }

    /** The socket was used, or is now protected by a read or by OP_READ. */
    void ends() throws TooLong {
        if (tooLong()) {
            throw new TooLong();
        }
        quiet = false;
    }

    /** A read of what is there: nothing protects the socket before and after it. */
    int read(ReadableByteChannel from, ByteBuffer into) throws IOException, TooLong {
        // The read happens somewhere between these two moments, so each pause is measured at its longest.
        long before = System.nanoTime();
        int read = from.read(into);
        ends();
        since = before;
        quiet = true;
        return read;
    }

    /** A read that waits as long as it takes: while it does, the socket is in use, not quiet. */
    int awaitAndRead(ReadableByteChannel from, ByteBuffer into) throws IOException, TooLong {
        ends();
        int read = from.read(into);
        begins();
        return read;
    }

    boolean tooLong() {
        return length() > limit;
    }

    /** How long the current pause has lasted, in nanoseconds. */
    long length() {
        return quiet ? System.nanoTime() - since : 0;
    }

    /** Ends a try whose premise no longer holds. */
    static final class TooLong extends Exception {
        private static final long serialVersionUID = 1;
    }
}
