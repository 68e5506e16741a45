import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.FrameworkRun;
import io.socketreaper.testapp.corpus.ServerRun;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.xnio.channels.StreamSourceChannel;

/** Undertow on XNIO: handlers that suspend the reads of a request's channel for a while, or do not read its stream. */
public class UndertowServer {
    public static void main(String[] arguments) throws Exception {
        var run = new ServerRun("UndertowServer", arguments);
        var builder = Undertow.builder()
                .setServerOption(UndertowOptions.ENABLE_STATISTICS, true)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int) ServerRun.TIMEOUT.toMillis())
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, (int) ServerRun.TIMEOUT.toMillis())
                .setIoThreads(1)
                .setWorkerThreads(16)
                .setHandler(exchange -> handle(run, exchange));
        var server = (run.isTls()
                        ? builder.addHttpsListener(0, "127.0.0.1", tls())
                        : builder.addHttpListener(0, "127.0.0.1"))
                .build();
        server.start();
        run.keep(server);
        var listener = server.getListenerInfo().get(0);
        run.play(
                ((InetSocketAddress) listener.getAddress()).getPort(),
                () -> listener.getConnectorStatistics().getActiveConnections());
    }

    private static void handle(ServerRun run, HttpServerExchange exchange) {
        var path = exchange.getRequestPath();
        if (exchange.getRequestMethod().toString().equals("GET")) {
            exchange.getResponseSender().send(ServerRun.HELLO);
        } else if (path.contains(ServerRun.BLOCKING)) {
            exchange.dispatch(() -> {
                exchange.startBlocking();
                if (ServerRun.readAll(exchange.getInputStream(), run.body(path))) {
                    exchange.getResponseSender().send(ServerRun.HELLO);
                }
            });
        } else {
            var body = run.body(path);
            StreamSourceChannel channel = exchange.getRequestChannel();
            exchange.dispatch(exchange.getIoThread(), () -> {
                channel.getReadSetter().set(readable -> read(channel, exchange, body));
                channel.resumeReads();
            });
        }
    }

    private static void read(StreamSourceChannel channel, HttpServerExchange exchange, ClientRun.Answer body) {
        var buffer = ByteBuffer.allocate(4096);
        try {
            int count = channel.read(buffer);
            while (count > 0) {
                if (body.take(buffer.flip())) {
                    // Nothing listens while it pauses.
                    channel.suspendReads();
                    channel.getReadSetter().set(null);
                    body.whenResumed(() -> channel.getIoThread().execute(() -> {
                        channel.getReadSetter().set(readable -> read(channel, exchange, body));
                        channel.resumeReads();
                        read(channel, exchange, body);
                    }));
                    return;
                }
                buffer.clear();
                count = channel.read(buffer);
            }
            if (count < 0) {
                body.ended();
                exchange.getResponseSender().send(ServerRun.HELLO);
            }
        } catch (IOException failed) {
            body.failed(failed);
            exchange.endExchange();
        }
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
