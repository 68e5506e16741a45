import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.FrameworkRun;
import io.socketreaper.testapp.corpus.ServerRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

/** Grizzly 4: handlers that ask for no notification of input for a while, or do not read its stream. */
public class GrizzlyServer {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    public static void main(String[] arguments) throws Exception {
        var run = new ServerRun("GrizzlyServer", arguments);
        var open = new AtomicLong();
        var listener = new NetworkListener("listener", "127.0.0.1", 0);
        listener.getKeepAlive().setIdleTimeoutInSeconds((int) ServerRun.TIMEOUT.toSeconds());
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
        if (run.isTls()) {
            listener.setSecure(true);
            listener.setSSLEngineConfig(tls());
        }
        var server = new HttpServer();
        server.addListener(listener);
        server.getServerConfiguration().addHttpHandler(new HttpHandler() {
            @Override
            public void service(Request request, Response response) throws Exception {
                handle(run, request, response);
            }
        });
        server.start();
        run.keep(server);
        run.play(listener.getPort(), open::get);
    }

    private static void handle(ServerRun run, Request request, Response response) throws IOException {
        if (request.getMethod().getMethodString().equals("GET")) {
            response.getWriter().write(ServerRun.HELLO);
            return;
        }
        var path = request.getRequestURI();
        var body = run.body(path);
        // A reader that is registered after the connection has ended is told of nothing.
        response.suspend(-1, TimeUnit.SECONDS, new EmptyCompletionHandler<>() {
            @Override
            public void cancelled() {
                // On the selector's thread, while a worker may be telling the end of the body.
                CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS, THREADS)
                        .execute(() -> body.failed(new CancellationException("of the suspended response")));
            }
        });
        if (path.contains(ServerRun.BLOCKING)) {
            THREADS.execute(() -> {
                if (ServerRun.readAll(request.getInputStream(), body)) {
                    answer(response);
                }
            });
        } else {
            NIOInputStream input = request.getNIOInputStream();
            input.notifyAvailable(new Reading(input, body, response));
        }
    }

    private static void answer(Response response) {
        try {
            response.getWriter().write(ServerRun.HELLO);
        } catch (IOException gone) {
            // the client
        }
        response.resume();
    }

    private record Reading(NIOInputStream input, ClientRun.Answer body, Response response) implements ReadHandler {
        @Override
        public void onDataAvailable() throws Exception {
            if (take()) {
                // Nothing listens while it pauses.
                body.whenResumed(() -> input.notifyAvailable(this));
            } else {
                input.notifyAvailable(this);
            }
        }

        /** True if these were the first bytes. */
        private boolean take() throws IOException {
            byte[] bytes = new byte[input.available()];
            return body.take(ByteBuffer.wrap(bytes, 0, input.read(bytes)));
        }

        @Override
        public void onAllDataRead() throws Exception {
            if (input.available() > 0) {
                take();
            }
            body.ended();
            answer(response);
        }

        @Override
        public void onError(Throwable failure) {
            body.failed(failure);
        }
    }

    private static SSLEngineConfigurator tls() throws Exception {
        var keys = new SSLContextConfigurator(false);
        keys.setKeyStoreBytes(Files.readAllBytes(FrameworkRun.keyStore()));
        keys.setKeyStoreType("PKCS12");
        keys.setKeyStorePass(FrameworkRun.PASSWORD);
        return new SSLEngineConfigurator(keys.createSSLContext(true), false, false, false);
    }
}
