package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Application.Word;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;

/** The server sockets of the application, one for each stack of accepted sockets. */
final class Acceptors {
    private static final int BACKLOG = 512;

    private final ConnectionFactory connections;
    private final Guests guests;

    /** Makes the socket for the plan that the peer has named. */
    interface Opening {
        TestSocket open(Plan plan) throws IOException;
    }

    interface Guests {
        /** @param since {@link System#nanoTime()} of when the peer was heard */
        void accepted(int number, long since, Opening opening);
    }

    private interface Acceptor {
        void accept() throws IOException, ExecutionException, InterruptedException;
    }

    Acceptors(ConnectionFactory connections, Guests guests) {
        this.connections = connections;
        this.guests = guests;
    }

    /** Opens all of them and prints their addresses. */
    void open(Path directory) throws IOException, InterruptedException {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var channels = ServerSocketChannel.open().bind(loopback, BACKLOG);
        accept("channel listener", () -> greet(channels));
        var sockets = new ServerSocket(0, BACKLOG, loopback.getAddress());
        accept("socket listener", () -> {
            var socket = sockets.accept();
            greet(StreamTestSocket.plain(socket, socket), plan -> connections.of(plan, socket));
        });
        var asynchronous =
                AsynchronousServerSocketChannel.open(connections.group()).bind(loopback, BACKLOG);
        accept("async listener", () -> {
            var line = new AsyncTestSocket(asynchronous.accept().get());
            greet(line, plan -> line);
        });
        var unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("application")), BACKLOG);
        accept("unix listener", () -> greet(unix));
        int netty = connections.netty().listen(line -> greet(line, plan -> line));
        int epoll = connections.epoll() == null ? 0 : connections.epoll().listen(line -> greet(line, plan -> line));
        Application.say(
                Word.LISTENING,
                ((InetSocketAddress) channels.getLocalAddress()).getPort() + " " + sockets.getLocalPort() + " "
                        + ((InetSocketAddress) asynchronous.getLocalAddress()).getPort() + " " + netty + " " + epoll);
    }

    private void greet(ServerSocketChannel listener) throws IOException {
        var channel = listener.accept();
        greet(new ChannelTestSocket(channel), plan -> connections.of(plan, channel, false));
    }

    /** The header is read on a thread of its own: a peer that sends no header does not block others. */
    private void greet(TestSocket line, Opening opening) {
        var thread = new Thread(
                () -> {
                    try {
                        int number = Header.read(line).number();
                        guests.accepted(number, System.nanoTime(), opening);
                    } catch (IOException e) {
                        Application.say(Word.TROUBLE, "a peer was not understood: " + e);
                    }
                },
                "greeter");
        thread.setDaemon(true);
        thread.start();
    }

    private static void accept(String name, Acceptor acceptor) {
        var thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            acceptor.accept();
                        }
                    } catch (IOException | ExecutionException e) {
                        Application.say(Word.TROUBLE, name + ": " + e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }
}
