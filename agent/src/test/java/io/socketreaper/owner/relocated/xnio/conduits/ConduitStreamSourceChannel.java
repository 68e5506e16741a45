package io.socketreaper.owner.relocated.xnio.conduits;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What the application reads. */
public final class ConduitStreamSourceChannel {
    private StreamSourceConduit conduit;

    public ConduitStreamSourceChannel(StreamSourceConduit conduit) {
        this.conduit = conduit;
    }

    public StreamSourceConduit getConduit() {
        return conduit;
    }

    public void setConduit(StreamSourceConduit conduit) {
        this.conduit = conduit;
    }

    public int read(ByteBuffer into) throws IOException {
        return conduit.read(into);
    }
}
