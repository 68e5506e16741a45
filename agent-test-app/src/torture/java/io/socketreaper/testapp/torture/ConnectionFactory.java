package io.socketreaper.testapp.torture;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.socketreaper.testapp.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;

/** The application's stacks, and how a connection of each is opened. */
final class ConnectionFactory {
    private static final int BUSY_MILLIS = 300;

    private final SSLContext tls;
    private final Loop loop = new Loop("loop", 0);
    private final Loop busyLoop = new Loop("busy loop", BUSY_MILLIS);
    private final AsynchronousChannelGroup group =
            AsynchronousChannelGroup.withFixedThreadPool(2, ConnectionFactory::daemon);
    private final NettyTransport netty = new NettyTransport(
            new NioEventLoopGroup(1, ConnectionFactory::daemon), NioServerSocketChannel.class, NioSocketChannel.class);
    private final NettyTransport epoll = !Epoll.isAvailable()
            ? null
            : new NettyTransport(
                    new EpollEventLoopGroup(1, ConnectionFactory::daemon),
                    EpollServerSocketChannel.class,
                    EpollSocketChannel.class);

    ConnectionFactory(Path keys) throws IOException, GeneralSecurityException {
        tls = Tls.context(keys);
    }

    private static Thread daemon(Runnable task) {
        var thread = new Thread(task, "group");
        thread.setDaemon(true);
        return thread;
    }

    AsynchronousChannelGroup group() {
        return group;
    }

    NettyTransport netty() {
        return netty;
    }

    /** Null where Netty has no library for it. */
    NettyTransport epoll() {
        return epoll;
    }

    /** Connects and says which plan it is; TLS comes after that. */
    TestSocket connect(Plan plan, Header header, InetSocketAddress tcp, UnixDomainSocketAddress unix)
            throws IOException {
        switch (plan.stack()) {
            case SOCKET, TLS12, TLS13 -> {
                var socket = new Socket(tcp.getAddress(), tcp.getPort());
                header.write(StreamTestSocket.plain(socket, socket));
                return StreamTestSocket.of(plan.stack(), socket, socket, tls, true);
            }
            case ASYNC -> {
                var channel = AsynchronousSocketChannel.open(group);
                await(() -> channel.connect(tcp).get());
                return saying(header, new AsyncTestSocket(channel));
            }
            case NETTY, NETTY_EPOLL -> {
                return saying(header, (plan.stack() == Stack.NETTY ? netty : epoll).connect(tcp));
            }
            default -> {
                var channel = SocketChannel.open(plan.stack().isUnix() ? unix : tcp);
                header.write(new ChannelTestSocket(channel));
                return of(plan, channel, true);
            }
        }
    }

    private static TestSocket saying(Header header, TestSocket line) throws IOException {
        header.write(line);
        return line;
    }

    interface Awaited {
        Object get() throws ExecutionException, InterruptedException;
    }

    static void await(Awaited awaited) throws IOException {
        try {
            awaited.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** A channel that has said or heard its header. */
    TestSocket of(Plan plan, SocketChannel channel, boolean client) throws IOException {
        return switch (plan.stack()) {
            case LOOP, UNIX_LOOP -> loop.register(channel, plan.deaf());
            case BUSY_LOOP -> busyLoop.register(channel, plan.deaf());
            case ADAPTOR, TLS13_ADAPTOR -> StreamTestSocket.of(plan.stack(), channel.socket(), channel, tls, client);
            default -> new ChannelTestSocket(channel);
        };
    }

    TestSocket of(Plan plan, Socket socket) throws IOException {
        return StreamTestSocket.of(plan.stack(), socket, socket, tls, false);
    }
}
