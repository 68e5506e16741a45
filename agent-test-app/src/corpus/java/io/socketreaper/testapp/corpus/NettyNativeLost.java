package io.socketreaper.testapp.corpus;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Two more ways to lose a channel of one of Netty's native transports: with ALLOW_HALF_CLOSURE a peer leaves and the
 * application does nothing (CLOSE_WAIT), and a channel is opened and dropped before it is registered. Half of each.
 */
public final class NettyNativeLost {
    private static final int COLLECT_EVERY_MILLIS = 1000;

    private final CorpusRun run;
    private final Queue<Channel> dropped = new ConcurrentLinkedQueue<>();
    private final AtomicInteger peersGone = new AtomicInteger();
    private final AtomicInteger inactive = new AtomicInteger();

    private NettyNativeLost(String name, String[] arguments) {
        this.run = new CorpusRun(name, arguments);
    }

    /** Plays it to the end of the process. */
    public static void play(
            String name,
            String[] arguments,
            EventLoopGroup loops,
            Class<? extends ServerChannel> transport,
            Supplier<Channel> opening)
            throws Exception {
        new NettyNativeLost(name, arguments).play(loops, transport, opening);
    }

    private void play(EventLoopGroup loops, Class<? extends ServerChannel> transport, Supplier<Channel> opening)
            throws Exception {
        var listener = new ServerBootstrap()
                .group(loops)
                .channel(transport)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        run.keep(channel);
                        channel.pipeline().addLast(new Forgetful());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        try (var server = new ServerSocket(0);
                var first = new Socket("127.0.0.1", server.getLocalPort())) {
            // The first socket that a JDK closes leaves a marker of the JDK's own open.
            run.keep(first);
        }
        run.baseline();
        int leaving = run.connections() / 2;
        for (int i = 0; i < leaving; i++) {
            try (var peer = new Socket("127.0.0.1", ((InetSocketAddress) listener.localAddress()).getPort())) {
                peer.getOutputStream().write(1);
            }
        }
        run.await("the peers' ends", () -> peersGone.get() == leaving);
        for (int i = leaving; i < run.connections(); i++) {
            dropped.add(opening.get());
        }
        var collector = new Thread(this::collect);
        collector.setDaemon(true);
        collector.start();
        run.beforeTheEnd(() -> "COUNTERS inactive=" + inactive.get());
        run.leaked();
    }

    /** Not at once: of a channel that is collected before anybody has looked at it, nothing is known. */
    private void collect() {
        while (true) {
            try {
                Thread.sleep(COLLECT_EVERY_MILLIS);
                dropped.clear();
                System.gc();
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private final class Forgetful extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf words) {
            // not interested
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                peersGone.incrementAndGet();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            inactive.incrementAndGet();
        }
    }
}
