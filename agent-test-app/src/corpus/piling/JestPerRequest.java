import io.searchbox.client.JestClientFactory;
import io.searchbox.client.config.HttpClientConfig;
import io.searchbox.cluster.Health;
import io.socketreaper.testapp.corpus.CorpusRun;
import io.socketreaper.testapp.corpus.Server;
import java.io.IOException;

/**
 * Jest 6.3.1 on Apache HttpAsyncClient 4.1.4, https://github.com/searchbox-io/Jest/issues/136.
 *
 * <p>A service makes a client for each request. Each has an I/O reactor, which has a selector.
 */
public class JestPerRequest {
    public static void main(String[] arguments) throws Exception {
        String url = Server.http("{\"status\":\"green\"}", "Content-Type: application/json", "Connection: close");
        new CorpusRun("JestPerRequest", arguments).pileUp(number -> isHealthy(url));
    }

    private static boolean isHealthy(String url) throws IOException {
        var factory = new JestClientFactory();
        factory.setHttpClientConfig(
                new HttpClientConfig.Builder(url).multiThreaded(true).build());
        return factory.getObject().execute(new Health.Builder().build()).isSucceeded();
    }
}
