package io.socketreaper.testapp.corpus;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.CharsetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on one of Netty's native transports half-closes every connection with auto-read off. These transports always
 * listen for the peer's FIN and then read to the end and close, so two ways to leak are left: a peer that has the last word
 * and stays, and ALLOW_HALF_CLOSURE with nobody who closes after the second FIN. Half of the connections each.
 */
public final class NettyNativeLeak {
    private static final String PEERS = "src/corpus/frameworks/peers/last_word.py";
    private static final long SETTLED_WITHIN_MILLIS = 1000;
    private static final long LOOK_EVERY_MILLIS = 20;

    private final CorpusRun run;
    private final AtomicInteger halfClosed = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger inactive = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    /** Whoever stays has said something that is lost; of those who left everything was read. */
    private final AtomicInteger failures = new AtomicInteger();

    private NettyNativeLeak(String name, String[] arguments) {
        this.run = new CorpusRun(name, arguments);
    }

    /** Plays it to the end of the process. */
    public static void play(
            String name, String[] arguments, EventLoopGroup loops, Class<? extends ServerChannel> transport)
            throws Exception {
        new NettyNativeLeak(name, arguments).play(loops, transport);
    }

    private void play(EventLoopGroup loops, Class<? extends ServerChannel> transport) throws Exception {
        int port = listen(loops, transport, false);
        int halfClosurePort = listen(loops, transport, true);
        run.baseline();
        int staying = run.connections() / 2;
        // What its standard input ends with is this process.
        run.keep(peers(port, staying, "stay"));
        if (!peers(halfClosurePort, run.connections() - staying, "leave").waitFor(30, TimeUnit.SECONDS)) {
            throw new IOException("the peers did not end");
        }
        run.await("the half-closes", () -> halfClosed.get() == run.connections());
        run.beforeTheEnd(this::counters);
        run.leaked();
    }

    private static Process peers(int port, int count, String then) throws IOException {
        return new ProcessBuilder("python3", PEERS, "" + port, "" + count, then)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private String counters() {
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLED_WITHIN_MILLIS);
        while (open.get() != 0 && System.nanoTime() - giveUp < 0) {
            try {
                Thread.sleep(LOOK_EVERY_MILLIS);
            } catch (InterruptedException stop) {
                break;
            }
        }
        return "COUNTERS open=" + open.get() + " callbacks=" + Math.min(inactive.get(), closed.get()) + " failures="
                + failures.get();
    }

    private int listen(EventLoopGroup loops, Class<? extends ServerChannel> transport, boolean allowHalfClosure)
            throws InterruptedException {
        var listener = new ServerBootstrap()
                .group(loops)
                .channel(transport)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, allowHalfClosure)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        run.keep(channel);
                        channel.closeFuture().addListener(done -> closed.incrementAndGet());
                        channel.pipeline().addLast(new Session());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private final class Session extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean answered;

        @Override
        public void channelRegistered(ChannelHandlerContext context) {
            open.incrementAndGet();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf words) {
            if (!answered) {
                answered = true;
                context.channel().config().setAutoRead(false);
                context.writeAndFlush(Unpooled.copiedBuffer("552 over quota\r\n", CharsetUtil.US_ASCII))
                        .addListener((ChannelFuture written) -> ((DuplexChannel) written.channel())
                                .shutdownOutput()
                                .addListener(done -> halfClosed.incrementAndGet()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            inactive.incrementAndGet();
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext context) {
            open.decrementAndGet();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failures.incrementAndGet();
        }
    }
}
