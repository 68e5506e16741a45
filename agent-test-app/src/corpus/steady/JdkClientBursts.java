import com.sun.net.httpserver.HttpServer;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * Bursts of requests by one client of the JDK: java.net.http.HttpClient and com.sun.net.httpserver.
 *
 * <p>Every five seconds many requests are sent at once, each by a connection of its own, which the client keeps idle. It has one
 * selector.
 */
public class JdkClientBursts {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("JdkClientBursts", arguments);
        // Neither side closes an idle connection during the run; seconds.
        System.setProperty("sun.net.httpserver.idleInterval", "600");
        System.setProperty("jdk.httpclient.keepalive.timeout", "600");
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), run.connections());
        server.setExecutor(Executors.newFixedThreadPool(run.connections()));
        server.createContext("/", exchange -> {
            try (exchange) {
                Thread.sleep(300);
                byte[] body = "sunny".getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } catch (InterruptedException e) {
                run.damaged(e.toString());
            }
        });
        server.start();
        var request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        var client = HttpClient.newHttpClient();
        run.forAsLongAsItIsWatched(part -> {
            for (int i = 0; i < run.connections(); i++) {
                client.sendAsync(request, BodyHandlers.ofString()).whenComplete((response, failure) -> {
                    if (failure == null) {
                        run.checkedText("sunny", response.body());
                    } else {
                        run.damaged(failure.toString());
                    }
                });
            }
            Thread.sleep(5000);
        });
        run.stays();
    }
}
