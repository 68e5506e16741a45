import io.socketreaper.testapp.corpus.FrameworkRun;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ConnectionStatistics;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Jetty 12: a handler half-closes its connection's end point, or does nothing, and never completes the request, so that Jetty
 * reads no more.
 * With TLS it is the network's end point below the encrypted one. The statistics count an encrypted connection twice, as
 * TLS and as HTTP.
 */
public class JettyLeak {
    public static void main(String[] arguments) throws Exception {
        var run = new FrameworkRun("JettyLeak", arguments);
        var server = new Server();
        var statistics = new ConnectionStatistics();
        var plain = new ServerConnector(server, 1, 1);
        var tls = new SslContextFactory.Server();
        tls.setKeyStorePath(FrameworkRun.keyStore().toString());
        tls.setKeyStorePassword(FrameworkRun.PASSWORD);
        var encrypted = new ServerConnector(
                server, 1, 1, new SslConnectionFactory(tls, "http/1.1"), new HttpConnectionFactory());
        for (var connector : new ServerConnector[] {plain, encrypted}) {
            connector.setHost("127.0.0.1");
            connector.addBean(statistics);
            connector.addBean(new Connection.Listener() {
                @Override
                public void onClosed(Connection connection) {
                    if (connection instanceof HttpConnection) {
                        run.callback();
                    }
                }
            });
            server.addConnector(connector);
        }
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                if (request.getHttpURI().getPath().contains(FrameworkRun.FORGET)) {
                    run.forgotten();
                    return true;
                }
                EndPoint endPoint =
                        request.getConnectionMetaData().getConnection().getEndPoint();
                if (endPoint instanceof SslEndPoint decrypted) {
                    decrypted.getSslConnection().getEndPoint().shutdownOutput();
                } else {
                    endPoint.shutdownOutput();
                }
                run.halfClosed();
                return true;
            }
        });
        server.start();
        run.keep(server);
        run.leak(
                "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n",
                plain.getLocalPort(), encrypted.getLocalPort(), statistics::getConnections);
    }
}
