import io.socketreaper.testapp.corpus.CorpusRun;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import java.util.concurrent.CountDownLatch;

/**
 * Vert.x 3.5.3, https://github.com/eclipse-vertx/vert.x/issues/2593 (gone in 3.6.0).
 *
 * <p>An HTTP client connection whose response was paused at its end goes back to the pool paused. Nobody reads from it any
 * more, so it never learns that the server has closed it. Here the server, a Python process, ends when all are idle.
 * Kind: peer-closed.
 */
public class VertxPausedPool {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("VertxPausedPool", arguments);
        var server = new ProcessBuilder("python3", "src/corpus/peers/http_server.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        System.setProperty("vertx.disableDnsResolver", "true");
        var vertx = Vertx.vertx();

        var warm = new CountDownLatch(1);
        vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false))
                .getNow(port, "127.0.0.1", "/", response -> response.endHandler(end -> warm.countDown()));
        warm.await();
        run.baseline();

        var answered = new CountDownLatch(run.connections());
        for (int i = 0; i < run.connections(); i++) {
            // A pool of its own for each: a request that was given a connection which is back, paused, would have no
            // answer.
            var client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(1));
            run.keep(client);
            client.get(
                            port,
                            "127.0.0.1",
                            "/",
                            response -> response.endHandler(end -> {
                                response.pause();
                                answered.countDown();
                            }))
                    .connectionHandler(connection -> connection.closeHandler(closed -> run.callback()))
                    .end();
        }
        answered.await();
        server.destroy();
        server.waitFor();
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }
}
