package io.socketreaper.testapp.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The shortest programs whose start is measured: nothing at all, or with the argument {@code connect} one connection. */
public final class Hello {
    private Hello() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0) {
            try (var server = ServerSocketChannel.open()) {
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                SocketChannel.open(server.getLocalAddress()).close();
            }
        }
    }
}
