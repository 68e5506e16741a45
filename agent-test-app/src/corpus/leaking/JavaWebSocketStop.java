import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;

/**
 * Java-WebSocket 1.3.0, https://github.com/TooTallNate/Java-WebSocket/issues/341 (also 429).
 *
 * <p>{@code WebSocketServer.stop} ends the selector's thread, then closes the server socket, which is still registered with
 * the selector that nobody selects or closes any more: the port stays bound. Here each server shakes hands with a Python
 * client before it is stopped. Kind: closed-not-released (a server socket), one for each server.
 */
public class JavaWebSocketStop {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("JavaWebSocketStop", arguments);
        SocketDescriptors.warmUp();
        run.baseline();

        var servers = new ArrayList<Server>();
        var clients = new ArrayList<Process>();
        for (int i = 0; i < run.connections(); i++) {
            var server = new Server(freePort());
            run.keep(server);
            server.start();
            servers.add(server);
            clients.add(client(server.getPort()));
        }
        for (var client : clients) {
            if (client.waitFor() != 0) {
                throw new IllegalStateException("a client failed");
            }
        }
        run.await("the clients' connections to be closed", () -> run.held() == run.connections());
        for (var server : servers) {
            server.stop();
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    /** The library tells of no port that the system chose. */
    private static int freePort() throws Exception {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static Process client(int port) throws Exception {
        return new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/say_and_leave.py",
                        "" + port,
                        "1",
                        "GET / HTTP/1.1\\r\\n"
                                + "Host: here\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n"
                                + "Sec-WebSocket-Key: c29ja2V0IHJlYXBlciEhIQ==\\r\\n\\r\\n",
                        "\\r\\n\\r\\n")
                .inheritIO()
                .start();
    }

    private static final class Server extends WebSocketServer {
        Server(int port) {
            super(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        }

        @Override
        public void onOpen(WebSocket client, ClientHandshake handshake) {}

        @Override
        public void onMessage(WebSocket client, String message) {}

        @Override
        public void onClose(WebSocket client, int code, String reason, boolean remote) {}

        @Override
        public void onError(WebSocket client, Exception error) {
            error.printStackTrace();
        }
    }
}
