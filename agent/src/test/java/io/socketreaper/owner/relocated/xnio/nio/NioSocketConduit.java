package io.socketreaper.owner.relocated.xnio.nio;

import io.socketreaper.owner.relocated.xnio.Connection;
import io.socketreaper.owner.relocated.xnio.conduits.ReadReadyHandler;
import io.socketreaper.owner.relocated.xnio.conduits.StreamSourceConduit;
import java.nio.ByteBuffer;

/** The handle of a socket, which tells the end of input once it is closed. */
public final class NioSocketConduit extends NioHandle implements StreamSourceConduit {
    private final Connection connection;
    private ReadReadyHandler readReadyHandler;

    public NioSocketConduit(Connection connection) {
        this.connection = connection;
    }

    public void setReadReadyHandler(ReadReadyHandler handler) {
        readReadyHandler = handler;
    }

    @Override
    void forceTermination() {
        connection.calls().add("forceTermination");
        if (readReadyHandler != null) {
            readReadyHandler.forceTermination();
        }
    }

    @Override
    public int read(ByteBuffer into) {
        return connection.calls().contains("close") ? -1 : 0;
    }

    @Override
    public void resumeReads() {
        // nobody selects
    }

    @Override
    public void terminateReads() {
        connection.calls().add("terminateReads");
    }
}
