import io.socketreaper.testapp.corpus.CorpusRun;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.TimeValue;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Daily load by a fast clock: Apache HttpClient 5.6.5 and Jetty 12.1.14.
 *
 * <p>The run is a day of 24 hours, so that its morning is longer than two growth windows. From midnight to noon more and more requests
 * are under way at a time, then fewer and fewer; idle connections are closed after a second.
 */
public class DailyLoad {
    private static volatile int wanted;

    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("DailyLoad", arguments);
        var server = new Server(new QueuedThreadPool(run.connections() + 20));
        var connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                Thread.sleep(200);
                response.write(true, ByteBuffer.wrap("sunny".getBytes(StandardCharsets.US_ASCII)), callback);
                return true;
            }
        });
        server.start();
        var client = HttpClients.custom()
                .evictExpiredConnections()
                .evictIdleConnections(TimeValue.ofSeconds(1))
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnPerRoute(run.connections())
                        .setMaxConnTotal(run.connections())
                        .build())
                .build();
        var url = "http://127.0.0.1:" + connector.getLocalPort() + "/";
        var threads = Executors.newFixedThreadPool(run.connections());
        for (int i = 0; i < run.connections(); i++) {
            int number = i;
            threads.execute(() -> ask(run, client, url, number));
        }
        run.forAsLongAsItIsWatched(part -> {
            wanted = 1 + (int) (run.connections() * (1 - Math.cos(2 * Math.PI * part)) / 2);
            Thread.sleep(100);
        });
        run.stays();
    }

    private static void ask(CorpusRun run, CloseableHttpClient client, String url, int number) {
        try {
            while (true) {
                if (number < wanted) {
                    run.checkedText(
                            "sunny",
                            client.execute(new HttpGet(url), response -> EntityUtils.toString(response.getEntity())));
                } else {
                    Thread.sleep(100);
                }
            }
        } catch (Exception e) {
            run.damaged(e.toString());
        }
    }
}
