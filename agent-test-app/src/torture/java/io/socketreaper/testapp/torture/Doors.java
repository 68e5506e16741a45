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

/** Where the application listens for its peers, by the stack of the sockets that come out of it. */
final class Doors {
    private static final int BACKLOG = 512;

    private final Openings openings;
    private final Guests guests;

    /** Makes the line of the plan that the peer has named. */
    interface Opening {
        Line open(Plan plan) throws IOException;
    }

    interface Guests {
        /** @param since {@link System#nanoTime()} of when the peer was heard */
        void accepted(int number, long since, Opening opening);
    }

    private interface Acceptor {
        void accept() throws IOException, ExecutionException, InterruptedException;
    }

    Doors(Openings openings, Guests guests) {
        this.openings = openings;
        this.guests = guests;
    }

    /** Opens all of them and says where they are. */
    void open(Path directory) throws IOException, InterruptedException {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var channels = ServerSocketChannel.open().bind(loopback, BACKLOG);
        accept("channel door", () -> greet(channels));
        var sockets = new ServerSocket(0, BACKLOG, loopback.getAddress());
        accept("socket door", () -> {
            var socket = sockets.accept();
            greet(StreamLine.plain(socket, socket), plan -> openings.of(plan, socket));
        });
        var asynchronous =
                AsynchronousServerSocketChannel.open(openings.group()).bind(loopback, BACKLOG);
        accept("async door", () -> {
            var line = new AsyncLine(asynchronous.accept().get());
            greet(line, plan -> line);
        });
        var unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("application")), BACKLOG);
        accept("unix door", () -> greet(unix));
        int netty = openings.netty().listen(line -> greet(line, plan -> line));
        int epoll = openings.epoll() == null ? 0 : openings.epoll().listen(line -> greet(line, plan -> line));
        Application.say(
                Word.LISTENING,
                ((InetSocketAddress) channels.getLocalAddress()).getPort() + " " + sockets.getLocalPort() + " "
                        + ((InetSocketAddress) asynchronous.getLocalAddress()).getPort() + " " + netty + " " + epoll);
    }

    private void greet(ServerSocketChannel door) throws IOException {
        var channel = door.accept();
        greet(new ChannelLine(channel), plan -> openings.of(plan, channel, false));
    }

    /** The header is read on a thread of its own: a peer that says nothing keeps no other out. */
    private void greet(Line line, Opening opening) {
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
