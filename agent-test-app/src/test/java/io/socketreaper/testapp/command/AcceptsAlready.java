package io.socketreaper.testapp.command;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLServerSocketFactory;

/** A server whose thread waits in {@code accept()} from the start on, and that keeps what it accepts. */
public final class AcceptsAlready {
    private static final List<Closeable> KEPT = new ArrayList<>();

    private AcceptsAlready() {}

    private interface Acceptor {
        Closeable accept() throws Exception;
    }

    /** @param arguments {@code socket}, {@code tls}, {@code channel}, {@code adaptor} or {@code async} */
    public static void main(String[] arguments) throws Exception {
        var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        var any = new InetSocketAddress(loopback, 0);
        Acceptor acceptor;
        int port;
        switch (arguments[0]) {
            case "socket", "tls" -> {
                ServerSocket listener = arguments[0].equals("tls")
                        ? SSLServerSocketFactory.getDefault().createServerSocket(0, 10, loopback)
                        : new ServerSocket(0, 10, loopback);
                acceptor = listener::accept;
                port = listener.getLocalPort();
            }
            case "channel", "adaptor" -> {
                ServerSocketChannel listener = ServerSocketChannel.open().bind(any);
                acceptor = arguments[0].equals("channel") ? listener::accept : listener.socket()::accept;
                port = listener.socket().getLocalPort();
            }
            case "async" -> {
                var listener = AsynchronousServerSocketChannel.open().bind(any);
                acceptor = () -> listener.accept().get();
                port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            }
            default -> throw new IOException(arguments[0]);
        }
        System.out.println("listening on " + port);
        keepAll(acceptor);
    }

    private static void keepAll(Acceptor acceptor) throws Exception {
        while (true) {
            KEPT.add(acceptor.accept());
        }
    }
}
