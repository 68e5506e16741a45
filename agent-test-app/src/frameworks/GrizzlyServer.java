import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.FrameworkRun;
import io.socketreaper.testapp.corpus.ServerRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.ConnectionProbe;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.ReadHandler;
import org.glassfish.grizzly.http.io.NIOInputStream;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.ssl.SSLContextConfigurator;
import org.glassfish.grizzly.ssl.SSLEngineConfigurator;

/** Grizzly's HTTP server: handlers that do not ask for more of a request's body for a while, or do not read its stream. */
public class GrizzlyServer {
    public static void main(String[] arguments) throws Exception {
        var run = new ServerRun("GrizzlyServer", arguments);
        var server = new HttpServer();
        var listener = new NetworkListener("reading", "127.0.0.1", 0);
        listener.getKeepAlive().setIdleTimeoutInSeconds((int) ServerRun.TIMEOUT.toSeconds());
        if (run.isTls()) {
            var tls = new SSLContextConfigurator();
            tls.setKeyStoreBytes(Files.readAllBytes(FrameworkRun.keyStore()));
            tls.setKeyStorePass(FrameworkRun.PASSWORD);
            tls.setKeyStoreType("PKCS12");
            listener.setSecure(true);
            listener.setSSLEngineConfig(new SSLEngineConfigurator(tls.createSSLContext(true), false, false, false));
        }
        var open = new AtomicLong();
        listener.getTransport().getConnectionMonitoringConfig().addProbes(new ConnectionProbe.Adapter() {
            @Override
            public void onAcceptEvent(Connection acceptor, Connection accepted) {
                open.incrementAndGet();
            }

            @Override
            public void onCloseEvent(Connection connection) {
                open.decrementAndGet();
            }
        });
        server.addListener(listener);
        server.getServerConfiguration().addHttpHandler(new HttpHandler() {
            @Override
            public void service(Request request, Response response) throws IOException {
                if (request.getMethod().getMethodString().equals("GET")) {
                    response.getWriter().write(ServerRun.HELLO);
                } else if (run.isBlocking()) {
                    if (ServerRun.readAll(request.getInputStream(), run.body())) {
                        response.getWriter().write(ServerRun.HELLO);
                    }
                } else {
                    var body = run.body();
                    // So Grizzly tells of a close while no handler waits for input.
                    response.suspend(1, TimeUnit.HOURS, new EmptyCompletionHandler<>() {
                        @Override
                        public void cancelled() {
                            body.failed(new IOException("cancelled"));
                        }

                        @Override
                        public void failed(Throwable cause) {
                            body.failed(cause);
                        }
                    });
                    NIOInputStream input = request.getNIOInputStream();
                    input.notifyAvailable(new Listening(input, response, body));
                }
            }
        }, "/");
        server.start();
        run.keep(server);
        run.play(listener.getPort(), open::get);
    }

    private static final class Listening implements ReadHandler {
        private final NIOInputStream input;
        private final Response response;
        private final ClientRun.Answer body;

        Listening(NIOInputStream input, Response response, ClientRun.Answer body) {
            this.input = input;
            this.response = response;
            this.body = body;
        }

        @Override
        public void onDataAvailable() throws IOException {
            if (read()) {
                body.whenResumed(() -> {
                    try {
                        read();
                        input.notifyAvailable(this);
                    } catch (IOException | RuntimeException failed) {
                        body.failed(failed);
                    }
                });
            } else {
                input.notifyAvailable(this);
            }
        }

        private boolean read() throws IOException {
            byte[] buffer = new byte[4096];
            while (input.isReady()) {
                int count = input.read(buffer);
                if (count <= 0) {
                    return false;
                }
                if (body.take(ByteBuffer.wrap(buffer, 0, count))) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void onAllDataRead() throws IOException {
            read();
            body.ended();
            response.getWriter().write(ServerRun.HELLO);
            response.resume();
        }

        @Override
        public void onError(Throwable cause) {
            body.failed(cause);
            response.resume();
        }
    }
}
