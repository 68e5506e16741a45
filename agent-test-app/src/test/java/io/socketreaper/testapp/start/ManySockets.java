package io.socketreaper.testapp.start;

import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.Callable;

/**
 * Opens as many connections to itself as a line of its standard input says, and one more that it closes at one end; says
 * {@code NUMBER opened} and keeps them. Any other line ends it.
 */
final class ManySockets {
    private static final List<Object> OPEN = new ArrayList<>();

    private ManySockets() {}

    public static void main(String[] arguments) throws Exception {
        var connections =
                switch (arguments[0]) {
                    case "channels" -> channels();
                    case "sockets" -> sockets();
                    default -> asynchronous();
                };
        var in = new Scanner(System.in);
        while (in.hasNextInt()) {
            int more = in.nextInt();
            for (int i = 0; i < more; i++) {
                OPEN.add(connections.call());
            }
            ((Closeable) connections.call()[1]).close();
            System.out.println(more + " opened");
        }
    }

    private static Callable<Object[]> channels() throws Exception {
        var listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return () -> new Object[] {kept(SocketChannel.open(listener.getLocalAddress())), listener.accept()};
    }

    private static Callable<Object[]> sockets() throws Exception {
        var listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        return () ->
                new Object[] {kept(new Socket(listener.getInetAddress(), listener.getLocalPort())), listener.accept()};
    }

    private static Callable<Object[]> asynchronous() throws Exception {
        var listener =
                AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return () -> {
            var client = AsynchronousSocketChannel.open();
            client.connect(listener.getLocalAddress()).get();
            return new Object[] {kept(client), listener.accept().get()};
        };
    }

    private static Object kept(Object socket) {
        OPEN.add(socket);
        return socket;
    }
}
