package io.socketreaper.testapp.corpus;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.CharsetUtil;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Well-behaved clients on one of Netty's native transports: all half-close after their request. Every other one then reads a
 * stream with auto-read off and asks for more once a second, while bytes wait in the kernel; the others wait for one late
 * answer with auto-read on. Every byte is compared.
 */
public final class NettyNativePause {
    private static final String SERVER = "src/corpus/frameworks/peers/late_bytes.py";
    private static final int PAUSE_MILLIS = 1000;
    /** The server's byte at each position is the position modulo this. */
    private static final int PERIOD = 251;

    private static final int LATEST_BYTES = 64 * 1024;

    private final CorpusRun run;
    private final CountDownLatch ended;

    private NettyNativePause(String name, String[] arguments) {
        this.run = new CorpusRun(name, arguments);
        this.ended = new CountDownLatch(run.connections());
    }

    /** Plays it to the end of the process. */
    public static void play(String name, String[] arguments, EventLoopGroup loops, Class<? extends Channel> transport)
            throws Exception {
        new NettyNativePause(name, arguments).play(loops, transport);
    }

    private void play(EventLoopGroup loops, Class<? extends Channel> transport) throws Exception {
        var server = new ProcessBuilder("python3", SERVER, "" + run.watchSeconds())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
        for (int i = 0; i < run.connections(); i++) {
            boolean streams = i % 2 == 0;
            var bootstrap = new Bootstrap()
                    .group(loops)
                    .channel(transport)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            channel.pipeline().addLast(new Reader(streams));
                        }
                    });
            bootstrap.connect("127.0.0.1", port).sync();
        }
        if (!ended.await(run.watchSeconds() + 30L, TimeUnit.SECONDS)) {
            run.damaged(ended.getCount() + " connections have not ended");
        }
        server.destroy();
        run.intact();
    }

    private final class Reader extends SimpleChannelInboundHandler<ByteBuf> {
        private final boolean streams;
        private long position;

        Reader(boolean streams) {
            this.streams = streams;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(!streams);
            context.writeAndFlush(Unpooled.copiedBuffer(streams ? "stream" : "wait", CharsetUtil.US_ASCII))
                    .addListener((ChannelFuture written) -> ((DuplexChannel) written.channel()).shutdownOutput());
            readOn(context);
        }

        private void readOn(ChannelHandlerContext context) {
            if (streams && context.channel().isOpen()) {
                context.read();
                context.executor().schedule(() -> readOn(context), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
            int count = bytes.readableBytes();
            while (bytes.isReadable()) {
                if ((bytes.readByte() & 0xff) != position % PERIOD) {
                    run.damaged("wrong byte at " + position);
                    context.close();
                    return;
                }
                position++;
            }
            run.checked(count);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // The streams end with as many bytes as came in the time; their server closes after a whole one of these.
            if (position == 0 || position % LATEST_BYTES != 0) {
                run.damaged("ended after " + position + " bytes");
            }
            ended.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            run.damaged("client: " + cause);
        }
    }
}
