import io.socketreaper.testapp.corpus.FrameworkRun;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.xnio.StreamConnection;

/**
 * Undertow 2.3 on XNIO: an upgraded connection suspends reading, and shuts its writes down or lets its client leave. With TLS
 * shutting down would only send close_notify, so the channel below is half-closed by reflection.
 */
public class UndertowLeak {
    public static void main(String[] arguments) throws Exception {
        var run = new FrameworkRun("UndertowLeak", arguments);
        var server = Undertow.builder()
                .setServerOption(UndertowOptions.ENABLE_STATISTICS, true)
                .setIoThreads(1)
                .setWorkerThreads(1)
                .addHttpListener(0, "127.0.0.1")
                .addHttpsListener(0, "127.0.0.1", tls())
                .setHandler(exchange -> upgrade(run, exchange))
                .build();
        server.start();
        run.keep(server);
        var listeners = server.getListenerInfo();
        run.leak(
                "GET /%s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: leak\r\n\r\n",
                ((InetSocketAddress) listeners.get(0).getAddress()).getPort(),
                ((InetSocketAddress) listeners.get(1).getAddress()).getPort(),
                () -> listeners.stream()
                        .mapToLong(each -> each.getConnectorStatistics().getActiveConnections())
                        .sum());
    }

    private static void upgrade(FrameworkRun run, HttpServerExchange exchange) {
        exchange.getConnection().addCloseListener(connection -> run.callback());
        exchange.upgradeChannel("leak", (connection, upgraded) -> {
            try {
                connection.getSourceChannel().suspendReads();
                if (exchange.getRequestPath().contains(FrameworkRun.FORGET)) {
                    run.forgotten();
                    return;
                }
                halfClose(connection);
                run.halfClosed();
            } catch (IOException | ReflectiveOperationException notHalfClosed) {
                throw new IllegalStateException(notHalfClosed);
            }
        });
        exchange.endExchange();
    }

    private static void halfClose(StreamConnection connection) throws IOException, ReflectiveOperationException {
        if (!connection.getClass().getSimpleName().equals("UndertowSslConnection")) {
            connection.getSinkChannel().shutdownWrites();
            connection.getSinkChannel().flush();
            return;
        }
        var delegate = connection.getClass().getDeclaredField("delegate");
        delegate.setAccessible(true);
        var below = (StreamConnection) delegate.get(connection);
        var channel = below.getClass().getDeclaredMethod("getChannel");
        channel.setAccessible(true);
        ((SocketChannel) channel.invoke(below)).shutdownOutput();
    }

    private static SSLContext tls() throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        try (var file = new FileInputStream(FrameworkRun.keyStore().toFile())) {
            store.load(file, FrameworkRun.PASSWORD.toCharArray());
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, FrameworkRun.PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
