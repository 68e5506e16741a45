package io.socketreaper.stack;

import io.socketreaper.model.Clock;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * What all drains read into. Direct, because the natives read into nothing else: with a heap buffer the JDK would take a direct
 * one of its own. Asked for before it is needed, because a JVM that has none left collects all its garbage and waits half a second
 * before it refuses.
 */
public class DiscardBuffer {
    public static final int BYTES = 64 * 1024;
    private static final long AGAIN = TimeUnit.MINUTES.toNanos(1);

    private final Clock clock;
    private volatile ByteBuffer buffer;
    private boolean refused;
    private long refusedAt;

    public DiscardBuffer(Clock clock) {
        this.clock = clock;
    }

    /** Asks the JVM for it, if it is not there and was not refused within the last minute. Reaper thread. */
    public final void prepare() {
        if (buffer != null || refused && clock.nanoTime() - refusedAt < AGAIN) {
            return;
        }
        try {
            buffer = allocate(BYTES);
        } catch (OutOfMemoryError noneLeft) {
            refused = true;
            refusedAt = clock.nanoTime();
        }
    }

    /** Null if there is none. Whoever uses it holds its monitor, for one step of a drain. Any thread. */
    public final ByteBuffer get() {
        return buffer;
    }

    protected ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }
}
