import io.socketreaper.testapp.corpus.CorpusRun;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/**
 * OkHttp 3.12.0, https://github.com/square/okhttp/issues/4527.
 *
 * <p>A WebSocket handshake that is answered 101 but is wrong otherwise fails, and its connection stays allocated in the
 * client's pool as long as the WebSocket object lives. Nobody reads from it. Here a Python server answers without a
 * {@code Connection} header and closes. Kind: peer-closed.
 */
public class OkhttpWebsocketHandshake {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("OkhttpWebsocketHandshake", arguments);
        var server = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/answer_and_close.py",
                        "HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\n\\r\\n")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var request = new Request.Builder()
                .url("ws://127.0.0.1:" + server.inputReader().readLine() + "/chat")
                .build();
        var client = new OkHttpClient();
        run.keep(client);
        client.newCall(request).execute().close();
        client.connectionPool().evictAll();
        run.baseline();

        var failures = new CountDownLatch(run.connections());
        for (int i = 0; i < run.connections(); i++) {
            run.keep(client.newWebSocket(request, new WebSocketListener() {
                @Override
                public void onFailure(WebSocket socket, Throwable failure, Response response) {
                    failures.countDown();
                }
            }));
        }
        failures.await();
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }
}
