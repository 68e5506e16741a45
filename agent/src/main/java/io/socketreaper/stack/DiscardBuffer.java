package io.socketreaper.stack;

import io.socketreaper.model.Clock;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The buffer that all drains read into and never read from. It is direct, because the JDK's natives read into direct memory
 * only and would allocate some for a heap buffer. It is allocated before it is needed, because a JVM without free direct memory
 * collects all its garbage and waits half a second before it refuses.
 */
public class DiscardBuffer {
    public static final int BYTES = 64 * 1024;
    private static final long AGAIN = TimeUnit.MINUTES.toNanos(1);

    private final Clock clock;
    private volatile @Nullable ByteBuffer buffer;
    private boolean refused;
    private long refusedAt;

    public DiscardBuffer(Clock clock) {
        this.clock = clock;
    }

    /** Allocates the buffer, unless it is there or was refused within the last minute. Reaper thread. */
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

    /** Returns the buffer, null if there is none. The caller holds its monitor for one step of a drain. Any thread. */
    public final @Nullable ByteBuffer get() {
        return buffer;
    }

    protected ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }
}
