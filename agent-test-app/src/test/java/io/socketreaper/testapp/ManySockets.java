package io.socketreaper.testapp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Opens connections to itself, says {@code open} and keeps them until its standard input ends. */
final class ManySockets {
    private static final List<Object> OPEN = new ArrayList<>();

    private ManySockets() {
    }

    public static void main(String[] arguments) throws Exception {
        int connections = Integer.parseInt(arguments[1]);
        if (arguments[0].equals("channels")) {
            openChannels(connections);
        } else {
            openSockets(connections);
        }
        System.out.println("open");
        System.in.read();
        System.out.println("kept " + OPEN.size());
    }

    private static void openChannels(int connections) throws IOException {
        var listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        for (int i = 0; i < connections; i++) {
            OPEN.add(SocketChannel.open(listener.getLocalAddress()));
            OPEN.add(listener.accept());
        }
        OPEN.add(listener);
    }

    private static void openSockets(int connections) throws IOException {
        var listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        for (int i = 0; i < connections; i++) {
            OPEN.add(new Socket(listener.getInetAddress(), listener.getLocalPort()));
            OPEN.add(listener.accept());
        }
        OPEN.add(listener);
    }
}
