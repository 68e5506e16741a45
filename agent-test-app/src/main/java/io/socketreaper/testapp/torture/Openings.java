package io.socketreaper.testapp.torture;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.socketreaper.testapp.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/** The application's stacks, and how a connection of each is opened. */
final class Openings {
    private static final int NETTY_READ = 16 * 1024;
    private static final int BUSY_MILLIS = 300;

    private final SSLContext tls;
    private final Loop loop = new Loop("loop", 0);
    private final Loop busyLoop = new Loop("busy loop", BUSY_MILLIS);
    private final AsynchronousChannelGroup group = AsynchronousChannelGroup.withFixedThreadPool(2, Openings::daemon);
    private final NioEventLoopGroup netty = new NioEventLoopGroup(1, Openings::daemon);

    Openings(Path keys) throws IOException, GeneralSecurityException {
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

    /** Listens with Netty. */
    InetSocketAddress listenWithNetty(Consumer<Line> accepted) throws InterruptedException {
        var server = new ServerBootstrap().group(netty).channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(NETTY_READ).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<NioSocketChannel>() {
                    @Override
                    protected void initChannel(NioSocketChannel channel) {
                        accepted.accept(new NettyLine(channel));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
        return (InetSocketAddress) server.localAddress();
    }

    /** Connects and says which plan it is; TLS comes after that. */
    Line connect(Plan plan, Header header, InetSocketAddress tcp, UnixDomainSocketAddress unix) throws IOException {
        switch (plan.stack()) {
            case SOCKET, TLS12, TLS13 -> {
                var socket = new Socket(tcp.getAddress(), tcp.getPort());
                header.write(StreamLine.plain(socket, socket));
                return StreamLine.of(plan.stack(), socket, socket, tls, true);
            }
            case ASYNC -> {
                var channel = AsynchronousSocketChannel.open(group);
                await(() -> channel.connect(tcp).get());
                return saying(header, new AsyncLine(channel));
            }
            case NETTY -> {
                return saying(header, connectWithNetty(tcp));
            }
            default -> {
                var channel = SocketChannel.open(plan.stack().isUnix() ? unix : tcp);
                header.write(new ChannelLine(channel));
                return of(plan, channel, true);
            }
        }
    }

    private Line connectWithNetty(InetSocketAddress tcp) throws IOException {
        var line = new NettyLine[1];
        await(() -> new Bootstrap().group(netty).channel(NioSocketChannel.class).option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(NETTY_READ).maxMessagesPerRead(1))
                .handler(new ChannelInitializer<NioSocketChannel>() {
                    @Override
                    protected void initChannel(NioSocketChannel channel) {
                        line[0] = new NettyLine(channel);
                    }
                }).connect(tcp).get());
        return line[0];
    }

    private static Line saying(Header header, Line line) throws IOException {
        header.write(line);
        return line;
    }

    private interface Awaited {
        Object get() throws ExecutionException, InterruptedException;
    }

    private static void await(Awaited awaited) throws IOException {
        try {
            awaited.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** A channel that has said or heard its header. */
    Line of(Plan plan, SocketChannel channel, boolean client) throws IOException {
        return switch (plan.stack()) {
            case LOOP, UNIX_LOOP -> loop.register(channel, plan.deaf());
            case BUSY_LOOP -> busyLoop.register(channel, plan.deaf());
            case ADAPTOR, TLS13_ADAPTOR -> StreamLine.of(plan.stack(), channel.socket(), channel, tls, client);
            default -> new ChannelLine(channel);
        };
    }

    Line of(Plan plan, Socket socket) throws IOException {
        return StreamLine.of(plan.stack(), socket, socket, tls, false);
    }
}
