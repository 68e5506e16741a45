import io.socketreaper.testapp.corpus.FrameworkRun;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.ConnectionProbe;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.nio.NIOConnection;
import org.glassfish.grizzly.ssl.SSLContextConfigurator;
import org.glassfish.grizzly.ssl.SSLEngineConfigurator;

/** Grizzly 4: a handler suspends its response for ever, so that Grizzly reads no more, and half-closes the channel or not. */
public class GrizzlyLeak {
    public static void main(String[] arguments) throws Exception {
        var run = new FrameworkRun("GrizzlyLeak", arguments);
        var open = new AtomicLong();
        var server = new HttpServer();
        var plain = listener("plain", open);
        var encrypted = listener("encrypted", open);
        var keys = new SSLContextConfigurator(false);
        keys.setKeyStoreBytes(Files.readAllBytes(FrameworkRun.keyStore()));
        keys.setKeyStoreType("PKCS12");
        keys.setKeyStorePass(FrameworkRun.PASSWORD);
        encrypted.setSecure(true);
        encrypted.setSSLEngineConfig(new SSLEngineConfigurator(keys.createSSLContext(true), false, false, false));
        server.addListener(plain);
        server.addListener(encrypted);
        server.getServerConfiguration().addHttpHandler(new HttpHandler() {
            @Override
            public void service(Request request, Response response) throws IOException {
                // cancelled() when the connection is closed
                response.suspend(-1, TimeUnit.SECONDS, new EmptyCompletionHandler<>() {
                    @Override
                    public void cancelled() {
                        run.callback();
                    }
                });
                if (request.getRequestURI().contains(FrameworkRun.FORGET)) {
                    run.forgotten();
                    return;
                }
                ((SocketChannel) ((NIOConnection) request.getRequest().getConnection()).getChannel()).shutdownOutput();
                run.halfClosed();
            }
        });
        server.start();
        run.keep(server);
        run.leak("GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n", plain.getPort(), encrypted.getPort(), open::get);
    }

    /** Grizzly itself counts nothing; a probe is its way to do so. */
    private static NetworkListener listener(String name, AtomicLong open) {
        var listener = new NetworkListener(name, "127.0.0.1", 0);
        listener.getTransport().setSelectorRunnersCount(1);
        listener.getTransport().getConnectionMonitoringConfig().addProbes(new ConnectionProbe.Adapter() {
            @Override
            public void onAcceptEvent(Connection server, Connection client) {
                open.incrementAndGet();
            }

            @Override
            public void onCloseEvent(Connection connection) {
                open.decrementAndGet();
            }
        });
        return listener;
    }
}
