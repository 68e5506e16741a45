package io.socketreaper.owner.relocated.xnio.nio;

import io.socketreaper.owner.relocated.xnio.Connection;

/** The handle of a socket. */
public final class NioSocketConduit extends NioHandle {
    private final Connection connection;

    public NioSocketConduit(Connection connection) {
        this.connection = connection;
    }

    @Override
    void forceTermination() {
        connection.calls().add("forceTermination");
    }
}
