import io.socketreaper.testapp.corpus.CorpusRun;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.handlers.BlockingHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * Bursts of requests by one client: OkHttp 5.5.1 and Undertow 2.4.4.
 *
 * <p>Every five seconds many requests are sent at once, each by a connection of its own, which the client's pool then keeps idle.
 */
public class OkhttpBursts {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("OkhttpBursts", arguments);
        var server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1", new BlockingHandler(exchange -> {
                    Thread.sleep(300);
                    exchange.getResponseSender().send("sunny");
                }))
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, (int) TimeUnit.MINUTES.toMillis(10))
                .setIoThreads(2)
                .setWorkerThreads(run.connections())
                .build();
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        var request =
                new Request.Builder().url("http://127.0.0.1:" + port + "/").build();
        var client = new OkHttpClient.Builder()
                .connectionPool(new ConnectionPool(run.connections(), 5, TimeUnit.MINUTES))
                .build();
        var threads = Executors.newFixedThreadPool(run.connections());
        run.forAsLongAsItIsWatched(part -> {
            for (int i = 0; i < run.connections(); i++) {
                threads.execute(() -> weather(run, client, request));
            }
            Thread.sleep(5000);
        });
        run.stays();
    }

    private static void weather(CorpusRun run, OkHttpClient client, Request request) {
        try (var response = client.newCall(request).execute()) {
            run.checkedText("sunny", response.body().string());
        } catch (Exception e) {
            run.damaged(e.toString());
        }
    }
}
