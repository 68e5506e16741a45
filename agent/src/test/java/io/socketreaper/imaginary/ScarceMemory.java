package io.socketreaper.imaginary;

import io.socketreaper.stack.DiscardBuffer;
import java.nio.ByteBuffer;

/** Direct memory of a JVM that may have none left. */
public final class ScarceMemory extends DiscardBuffer {
    private boolean exhausted;
    private int requests;

    ScarceMemory(FakeClock clock) {
        super(clock);
    }

    public void exhausted(boolean now) {
        exhausted = now;
    }

    /** How often it was asked for. */
    public int requests() {
        return requests;
    }

    @Override
    protected ByteBuffer allocate(int bytes) {
        requests++;
        if (exhausted) {
            throw new OutOfMemoryError("Cannot reserve " + bytes + " bytes of direct buffer memory");
        }
        return super.allocate(bytes);
    }
}
