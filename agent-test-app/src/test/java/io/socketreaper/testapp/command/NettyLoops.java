package io.socketreaper.testapp.command;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes event-loop groups of Netty's native transport, each with a listener and a datagram channel, and as many that it drops before their first
 * task; one group it shuts down. Its argument: how many. Collects garbage for ever.
 */
final class NettyLoops {
    private static final List<Object> kept = new ArrayList<>();
    private static final InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private NettyLoops() {}

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            EventLoopGroup group = make();
            listen(group);
            receive(group);
            drop();
        }
        make().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        System.out.println("made " + kept.size());
        while (true) {
            System.gc();
            Thread.sleep(200);
        }
    }

    private static EventLoopGroup make() {
        var group = new EpollEventLoopGroup(1);
        kept.add(group);
        return group;
    }

    private static void listen(EventLoopGroup group) throws InterruptedException {
        kept.add(new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(anyPort)
                .sync()
                .channel());
    }

    private static void receive(EventLoopGroup group) throws InterruptedException {
        kept.add(new Bootstrap()
                .group(group)
                .channel(EpollDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(anyPort)
                .sync()
                .channel());
    }

    private static void drop() {
        new EpollEventLoopGroup(1);
    }
}
