import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.FrameworkRun;
import io.socketreaper.testapp.corpus.ServerRun;
import org.eclipse.jetty.io.ConnectionStatistics;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty 12: handlers that demand no more of a request's content for a while, or do not read its stream. */
public class JettyServer {
    public static void main(String[] arguments) throws Exception {
        var run = new ServerRun("JettyServer", arguments);
        var server = new Server();
        var statistics = new ConnectionStatistics();
        var connector = run.isTls()
                ? new ServerConnector(server, 1, 1, tls(), new HttpConnectionFactory())
                : new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setIdleTimeout(ServerRun.TIMEOUT.toMillis());
        connector.addBean(statistics);
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                var path = request.getHttpURI().getPath();
                if (request.getMethod().equals("GET")) {
                    Content.Sink.write(response, true, ServerRun.HELLO, callback);
                } else if (!path.contains(ServerRun.BLOCKING)) {
                    read(request, response, callback, run.body(path));
                } else if (ServerRun.readAll(Content.Source.asInputStream(request), run.body(path))) {
                    Content.Sink.write(response, true, ServerRun.HELLO, callback);
                } else {
                    callback.failed(new IllegalStateException("the body failed"));
                }
                return true;
            }
        });
        server.start();
        run.keep(server);
        run.play(connector.getLocalPort(), statistics::getConnections);
    }

    private static void read(Request request, Response response, Callback callback, ClientRun.Answer body) {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(() -> read(request, response, callback, body));
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                body.failed(chunk.getFailure());
                callback.failed(chunk.getFailure());
                return;
            }
            boolean pause = body.take(chunk.getByteBuffer());
            chunk.release();
            if (chunk.isLast()) {
                body.ended();
                Content.Sink.write(response, true, ServerRun.HELLO, callback);
                return;
            }
            if (pause) {
                body.whenResumed(() -> read(request, response, callback, body));
                return;
            }
        }
    }

    private static SslConnectionFactory tls() throws Exception {
        var tls = new SslContextFactory.Server();
        tls.setKeyStorePath(FrameworkRun.keyStore().toString());
        tls.setKeyStorePassword(FrameworkRun.PASSWORD);
        return new SslConnectionFactory(tls, "http/1.1");
    }
}
