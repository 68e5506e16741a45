package io.socketreaper.testapp.torture;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** One of Netty's transports: its event loop, and the classes of its channels. */
final class NettyTransport {
    private static final int READ_BYTES = 16 * 1024;

    private final EventLoopGroup group;
    private final Class<? extends ServerChannel> server;
    private final Class<? extends Channel> client;

    NettyTransport(EventLoopGroup group, Class<? extends ServerChannel> server, Class<? extends Channel> client) {
        this.group = group;
        this.server = server;
        this.client = client;
    }

    /** Returns the port. */
    int listen(Consumer<TestSocket> accepted) throws InterruptedException {
        var listener = new ServerBootstrap()
                .group(group)
                .channel(server)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accepted.accept(new NettyTestSocket(channel));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    TestSocket connect(InetSocketAddress peer) throws IOException {
        var line = new NettyTestSocket[1];
        ConnectionFactory.await(() -> new Bootstrap()
                .group(group)
                .channel(client)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        line[0] = new NettyTestSocket(channel);
                    }
                })
                .connect(peer)
                .get());
        return line[0];
    }
}
