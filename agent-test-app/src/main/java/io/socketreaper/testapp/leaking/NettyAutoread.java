package io.socketreaper.testapp.leaking;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.CharsetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.Version;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Netty with autoRead off, which is how Netty pauses. Compiled against 4.1, runs on 4.2 as well. */
public final class NettyAutoread implements Scenario {
    private static final int BACKLOG = 1024;
    private static final int THREADS = 2;

    @Override
    public String name() {
        return "netty-autoread";
    }

    @Override
    public String summary() {
        return "Netty server: setAutoRead(false), last reply, shutdownOutput()";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        var inactive = new AtomicInteger();
        var failed = new AtomicInteger();
        var closed = new AtomicInteger();
        run.extra("netty_inactive", inactive::get);
        run.extra("netty_failed", failed::get);
        run.extra("netty_closed", closed::get);
        run.extra("netty", () -> Version.identify().get("netty-transport").artifactVersion());
        var loops = new NioEventLoopGroup(THREADS, new DefaultThreadFactory("netty", true));
        run.endWith(() -> loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        var listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        run.opened();
                        run.keep(channel);
                        channel.closeFuture().addListener(done -> closed.incrementAndGet());
                        channel.pipeline().addLast(new Session(run, inactive, failed));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        Farewell.playClients(run, (InetSocketAddress) listener.localAddress());
        listener.close().sync();
    }

    private static final class Session extends ChannelInboundHandlerAdapter {
        private final Run run;
        private final AtomicInteger inactive;
        private final AtomicInteger failed;
        private final StringBuilder line = new StringBuilder();

        Session(Run run, AtomicInteger inactive, AtomicInteger failed) {
            this.run = run;
            this.inactive = inactive;
            this.failed = failed;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.copiedBuffer(Farewell.WELCOME, CharsetUtil.US_ASCII));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            line.append(((ByteBuf) message).toString(CharsetUtil.US_ASCII));
            ReferenceCountUtil.release(message);
            if (line.indexOf("\n") >= 0) {
                context.channel().config().setAutoRead(false);
                context.writeAndFlush(Unpooled.copiedBuffer(Farewell.END, CharsetUtil.US_ASCII))
                        .addListener((ChannelFuture written) -> halfClose((DuplexChannel) written.channel()));
            }
        }

        private void halfClose(DuplexChannel channel) {
            channel.shutdownOutput().addListener(done -> {
                if (done.isSuccess()) {
                    run.halfClosed();
                } else {
                    run.damaged("server: " + done.cause());
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            inactive.incrementAndGet();
        }

        /** A release is a failure, which the pipeline hears of. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (((DuplexChannel) context.channel()).isOutputShutdown()
                    && "Connection reset".equals(cause.getMessage())) {
                failed.incrementAndGet();
            } else {
                run.damaged("server: " + cause);
            }
        }
    }
}
