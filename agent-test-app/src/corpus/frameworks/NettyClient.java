import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.TrustAllCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client of an application's own on Netty, over {@code nio} or {@code epoll}: handlers whose channel does not read for a while. The end of
 * an answer is told by Netty's codec, or in {@code nio-raw} and {@code epoll-raw} by the end of its connection alone. Each request has a
 * connection of its own. Netty's epoll transport reads all that is there once the peer has ended, so that the answer waits in the
 * {@code FlowControlHandler}.
 */
public class NettyClient implements ClientRun.Client {
    private static final long CLOSE_AFTER_MILLIS = 500;

    private final ClientRun run;
    private final boolean epoll;
    private final boolean raw;
    private final SslContext tls;
    private final EventLoopGroup loops;
    private final Class<? extends SocketChannel> type;
    private final AtomicInteger open = new AtomicInteger();

    private NettyClient(ClientRun run) throws GeneralSecurityException {
        this.run = run;
        epoll = run.argument().startsWith("epoll");
        raw = run.argument().endsWith("raw");
        tls = run.isTls() ? new JdkSslContext(TrustAllCertificates.context(), true, ClientAuth.NONE) : null;
        loops = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
        type = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("NettyClient", arguments, 100_000);
        run.play(new NettyClient(run));
    }

    /** What comes of an answer. On the event loop. */
    private abstract class Consumer extends SimpleChannelInboundHandler<HttpObject> {
        abstract void bytes(Channel channel, ByteBuf bytes);

        /** Whether it asks for an answer that ends with its connection. */
        boolean isLong() {
            return false;
        }

        abstract void ended();

        abstract void failed(Throwable cause);

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part.decoderResult().isFailure()) {
                failed(part.decoderResult().cause());
            }
            if (part instanceof HttpContent content) {
                bytes(context.channel(), content.content());
            }
            if (part instanceof LastHttpContent) {
                ended();
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failed(cause);
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            failed(new IOException("closed"));
        }
    }

    /** Takes the end of the connection for that of the answer, unless it is told of a failure. */
    private static final class EndOfConnection extends SimpleChannelInboundHandler<ByteBuf> {
        private final Consumer consumer;

        EndOfConnection(Consumer consumer) {
            this.consumer = consumer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
            consumer.bytes(context.channel(), bytes);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            consumer.exceptionCaught(context, cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            consumer.ended();
        }
    }

    private void exchange(String path, long readTimeoutMillis, Consumer consumer) throws InterruptedException {
        Channel channel = new Bootstrap()
                .group(loops)
                .channel(type)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, epoll)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel made) {
                        open.incrementAndGet();
                        made.closeFuture().addListener(closed -> open.decrementAndGet());
                        if (tls != null) {
                            made.pipeline().addLast(tls.newHandler(made.alloc()));
                        }
                        made.pipeline().addLast(new ReadTimeoutHandler(readTimeoutMillis, TimeUnit.MILLISECONDS));
                        if (raw && consumer.isLong()) {
                            made.pipeline().addLast(new FlowControlHandler(), new EndOfConnection(consumer));
                        } else {
                            made.pipeline().addLast(new HttpClientCodec(), new FlowControlHandler(), consumer);
                        }
                    }
                })
                .connect("127.0.0.1", run.port())
                .sync()
                .channel();
        channel.writeAndFlush(
                raw && consumer.isLong()
                        ? Unpooled.copiedBuffer("GET " + path + " HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII)
                        : new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) throws InterruptedException {
        exchange(path, TimeUnit.MINUTES.toMillis(1), new Consumer() {
            @Override
            boolean isLong() {
                return true;
            }

            @Override
            void bytes(Channel channel, ByteBuf bytes) {
                if (raw ? answer.takeWithHead(bytes.nioBuffer()) : answer.take(bytes.nioBuffer())) {
                    channel.config().setAutoRead(false);
                    answer.whenResumed(() -> channel.eventLoop().execute(() -> {
                        channel.config().setAutoRead(true);
                        if (raw && epoll) {
                            // Netty has told of the end before; now it is behind all that has waited.
                            channel.eventLoop()
                                    .schedule(() -> channel.close(), CLOSE_AFTER_MILLIS, TimeUnit.MILLISECONDS);
                        }
                    }));
                }
            }

            @Override
            void ended() {
                answer.ended();
            }

            @Override
            void failed(Throwable cause) {
                answer.failed(cause);
            }
        });
    }

    @Override
    public String get(String path) throws Exception {
        var text = new StringBuilder();
        var body = new CompletableFuture<String>();
        exchange(path, ClientRun.TIMEOUT.toMillis(), new Consumer() {
            @Override
            void bytes(Channel channel, ByteBuf bytes) {
                text.append(bytes.toString(StandardCharsets.US_ASCII));
            }

            @Override
            void ended() {
                body.complete(text.toString());
            }

            @Override
            void failed(Throwable cause) {
                body.completeExceptionally(cause);
            }
        });
        return body.get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public int leased() {
        return open.get();
    }
}
