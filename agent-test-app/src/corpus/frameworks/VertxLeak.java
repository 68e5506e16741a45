import io.netty.channel.socket.SocketChannel;
import io.socketreaper.testapp.corpus.FrameworkRun;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpServerConfig;
import io.vertx.core.spi.metrics.TransportMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Vert.x 5 on Netty: the application pauses a socket, and half-closes its channel or lets its client leave. A pause alone stops
 * reading only once some messages are waiting, so the channel's auto-read is switched off, too.
 */
public class VertxLeak {
    public static void main(String[] arguments) throws Exception {
        var run = new FrameworkRun("VertxLeak", arguments);
        var open = new AtomicLong();
        var vertx = Vertx.builder()
                .with(new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setMetricsOptions(new MetricsOptions().setEnabled(true)))
                .withMetrics(options -> new Metrics(open))
                .build();
        int plain = listen(vertx, new NetServerOptions(), run);
        int encrypted = listen(
                vertx,
                new NetServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PfxOptions()
                                .setPath(FrameworkRun.keyStore().toString())
                                .setPassword(FrameworkRun.PASSWORD)),
                run);
        run.keep(vertx);
        run.leak("%s", plain, encrypted, open::get);
    }

    private static int listen(Vertx vertx, NetServerOptions options, FrameworkRun run) throws Exception {
        return vertx.createNetServer(options.setHost("127.0.0.1").setPort(0))
                .connectHandler(socket -> {
                    socket.closeHandler(closed -> run.callback());
                    socket.handler(words -> {
                        socket.pause();
                        var channel = (SocketChannel) ((NetSocketInternal) socket)
                                .channelHandlerContext()
                                .channel();
                        channel.config().setAutoRead(false);
                        if (words.toString().contains(FrameworkRun.FORGET)) {
                            run.forgotten();
                        } else {
                            channel.shutdownOutput().addListener(done -> run.halfClosed());
                        }
                    });
                })
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS)
                .actualPort();
    }

    private static final class Metrics implements VertxMetrics {
        private final AtomicLong open;

        Metrics(AtomicLong open) {
            this.open = open;
        }

        @Override
        public TransportMetrics<?> createTcpServerMetrics(
                TcpServerConfig config, String protocol, SocketAddress localAddress) {
            return new TransportMetrics<Object>() {
                @Override
                public Object connected(SocketAddress remoteAddress, String remoteName) {
                    open.incrementAndGet();
                    return this;
                }

                @Override
                public void disconnected(Object socketMetric, SocketAddress remoteAddress) {
                    open.decrementAndGet();
                }
            };
        }
    }
}
