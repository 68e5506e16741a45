package io.socketreaper.owner.relocated.xnio.conduits;

import java.nio.ByteBuffer;

/** A body of known length, whose end it tells once it was terminated. */
public class AbstractSourceConduit implements StreamSourceConduit {
    protected final StreamSourceConduit next;
    private boolean terminated;

    public AbstractSourceConduit(StreamSourceConduit next) {
        this.next = next;
    }

    @Override
    public int read(ByteBuffer into) {
        return terminated ? -1 : 0;
    }

    @Override
    public void resumeReads() {
        next.resumeReads();
    }

    @Override
    public void terminateReads() {
        terminated = true;
        next.terminateReads();
    }
}
