import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;

/**
 * WebSockets that connect all morning and stay: Java-WebSocket 1.6.0, server on NIO selectors, clients on java.net.Socket.
 *
 * <p>One after the other they connect for half of the run, two growth windows long, and each says something twice a second. Then no more
 * come, and they stay.
 */
public class WebSocketMorning {
    private static final class Client extends WebSocketClient {
        private final CorpusRun run;

        Client(CorpusRun run, URI server) {
            super(server);
            this.run = run;
        }

        @Override
        public void onMessage(String message) {
            run.checkedText("hi", message);
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {
            run.damaged("closed with " + code + " " + reason);
        }

        @Override
        public void onError(Exception e) {
            run.damaged("client: " + e);
        }

        @Override
        public void onOpen(ServerHandshake handshake) {}
    }

    private static final class Echo extends WebSocketServer {
        private final CorpusRun run;
        private volatile boolean started;

        Echo(CorpusRun run) {
            super(new InetSocketAddress("127.0.0.1", 0), 1);
            this.run = run;
        }

        @Override
        public void onMessage(WebSocket connection, String message) {
            connection.send(message);
        }

        @Override
        public void onError(WebSocket connection, Exception e) {
            run.damaged("server: " + e);
        }

        @Override
        public void onStart() {
            started = true;
        }

        @Override
        public void onOpen(WebSocket connection, ClientHandshake handshake) {}

        @Override
        public void onClose(WebSocket connection, int code, String reason, boolean remote) {}
    }

    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("WebSocketMorning", arguments);
        var server = new Echo(run);
        server.start();
        run.await("the server listens", () -> server.started);
        var uri = URI.create("ws://127.0.0.1:" + server.getPort());
        List<Client> clients = new ArrayList<>();
        run.forAsLongAsItIsWatched(part -> {
            while (clients.size() < run.connections() * Math.min(1, 2 * part)) {
                var client = new Client(run, uri);
                client.connectBlocking();
                clients.add(client);
            }
            for (Client each : clients) {
                each.send("hi");
            }
            Thread.sleep(500);
        });
        run.stays();
    }
}
