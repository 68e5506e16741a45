import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.URI;
import javax.websocket.ClientEndpointConfig;
import javax.websocket.DeploymentException;
import javax.websocket.Endpoint;
import javax.websocket.EndpointConfig;
import javax.websocket.Session;
import org.apache.tomcat.websocket.Constants;
import org.apache.tomcat.websocket.WsWebSocketContainer;

/**
 * Tomcat 9.0.40, WebSocket client, https://bz.apache.org/bugzilla/show_bug.cgi?id=64951 (fixed in 9.0.41).
 *
 * <p>{@code connectToServer} opens an AsynchronousSocketChannel and starts to connect it before it prepares TLS. If that
 * fails, here because the trust store is missing, it throws and nobody has the channel any more; only the JDK's port still
 * refers to it. The connection stands; a second later the Python server closes it. Kind: peer-closed (an asynchronous
 * channel without a pending read).
 */
public class TomcatWebsocketClient {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("TomcatWebsocketClient", arguments);
        var server = new ProcessBuilder("python3", "src/corpus/peers/answer_and_close.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        var container = new WsWebSocketContainer();
        run.keep(container);
        connect(run, container, "ws://127.0.0.1:" + port);
        run.baseline();

        for (int i = 0; i < run.connections(); i++) {
            connect(run, container, "wss://127.0.0.1:" + port);
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.await("the server's end", () -> CorpusRun.closedByPeer(port) == run.connections());
        run.leaked();
    }

    private static void connect(CorpusRun run, WsWebSocketContainer container, String url) throws Exception {
        var config = ClientEndpointConfig.Builder.create().build();
        config.getUserProperties().put(Constants.SSL_TRUSTSTORE_PROPERTY, "/no/such/store");
        try {
            container.connectToServer(new Silent(), config, URI.create(url));
            run.damaged("connected");
        } catch (DeploymentException failed) {
            // what the application sees
        }
    }

    private static final class Silent extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {}
    }
}
