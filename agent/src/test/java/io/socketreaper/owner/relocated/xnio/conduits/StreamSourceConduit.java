package io.socketreaper.owner.relocated.xnio.conduits;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a connection, or what is above it, is read. */
public interface StreamSourceConduit {
    int read(ByteBuffer into) throws IOException;

    void resumeReads();

    void terminateReads();
}
