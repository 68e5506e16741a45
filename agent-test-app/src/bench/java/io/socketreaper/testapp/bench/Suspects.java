package io.socketreaper.testapp.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Leaks half-closed channels, two for each connection to itself, says {@link #READY} and keeps them for ten minutes. */
public final class Suspects {
    static final String READY = "ready";
    private static final List<SocketChannel> LEAKED = new ArrayList<>();

    private Suspects() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        int count = Integer.parseInt(args[0]);
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            while (LEAKED.size() < count) {
                LEAKED.add(SocketChannel.open(server.getLocalAddress()));
                LEAKED.add(server.accept());
                LEAKED.get(LEAKED.size() - 1).shutdownOutput();
                LEAKED.get(LEAKED.size() - 2).shutdownOutput();
            }
        }
        System.out.println(READY);
        TimeUnit.MINUTES.sleep(10);
    }
}
