import com.neovisionaries.ws.client.WebSocketException;
import com.neovisionaries.ws.client.WebSocketFactory;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.Socket;

/**
 * nv-websocket-client 1.23, https://github.com/TakahikoKawasaki/nv-websocket-client/issues/45 (fixed in 1.24).
 *
 * <p>If the server refuses the WebSocket handshake, {@code connect} throws and leaves its socket open. The WebSocket object
 * stays with the application, which calls {@code recreate()} on it some day. Here a Python server answers 403 and closes.
 * Kind: peer-closed.
 */
public class NvWebsocketHandshake {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("NvWebsocketHandshake", arguments);
        var server = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/answer_and_close.py",
                        "HTTP/1.1 403 Forbidden\\r\\nContent-Length: 0\\r\\n\\r\\n")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        var factory = new WebSocketFactory();
        new Socket("127.0.0.1", port).close();
        run.baseline();

        for (int i = 0; i < run.connections(); i++) {
            var socket = factory.createSocket("ws://127.0.0.1:" + port + "/chat");
            run.keep(socket);
            try {
                socket.connect();
                run.damaged("connected");
            } catch (WebSocketException refused) {
                // what the application sees; it will try again
            }
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }
}
