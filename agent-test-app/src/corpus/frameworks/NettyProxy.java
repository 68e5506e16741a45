import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.socketreaper.testapp.corpus.ClientRun;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy as in Netty's own example: it reads the next piece once the last one is written, and ends a client's connection after what
 * is queued when the origin has ended its own. Its clients are slow, so the origin's answers lie unread.
 */
public class NettyProxy implements ClientRun.Client {
    private static final int FIRST = 2000;

    private final ClientRun run;
    private final int port;
    private final AtomicInteger open = new AtomicInteger();

    private NettyProxy(ClientRun run) throws InterruptedException {
        this.run = run;
        EventLoopGroup loops = new NioEventLoopGroup(2);
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.SO_SNDBUF, 16384)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(8192, 16384))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ClientSide());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        port = ((InetSocketAddress) listener.localAddress()).getPort();
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("NettyProxy", arguments, 100_000);
        run.play(new NettyProxy(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) throws IOException {
        var client = new ProcessBuilder(
                        "python3", "src/corpus/frameworks/peers/slow_reader.py", "" + port, path, "" + FIRST)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        run.keep(client);
        answer.whenResumed(() -> {
            try {
                client.getOutputStream().close();
            } catch (IOException ended) {
                // then it has ended by itself
            }
        });
        var reader = new Thread(() -> {
            try {
                var some = new byte[FIRST];
                for (int count = client.getInputStream().read(some);
                        count > 0;
                        count = client.getInputStream().read(some)) {
                    answer.take(ByteBuffer.wrap(some, 0, count));
                }
                if (client.waitFor() == 0) {
                    answer.ended();
                } else {
                    answer.failed(new IOException("reset"));
                }
            } catch (IOException | InterruptedException failed) {
                throw new IllegalStateException(failed);
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public String get(String path) throws IOException {
        return ClientRun.get("http://127.0.0.1:" + port + path);
    }

    @Override
    public int leased() {
        return open.get();
    }

    private final class ClientSide extends ChannelInboundHandlerAdapter {
        private Channel upstream;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            upstream = new Bootstrap()
                    .group(context.channel().eventLoop())
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    // What is read and cannot be passed on is not much, so that the rest waits in the kernel.
                    .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(4096))
                    .handler(new OriginSide(context.channel()))
                    .connect("127.0.0.1", run.port())
                    .channel();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            upstream.writeAndFlush(message);
            context.read();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            upstream.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private final class OriginSide extends ChannelInboundHandlerAdapter {
        private final Channel client;

        OriginSide(Channel client) {
            this.client = client;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            open.incrementAndGet();
            context.read();
            client.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            client.writeAndFlush(message).addListener(written -> {
                if (written.isSuccess()) {
                    context.channel().read();
                } else {
                    context.close();
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            client.config().setOption(ChannelOption.SO_LINGER, 0);
            client.close();
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            open.decrementAndGet();
            client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }
}
