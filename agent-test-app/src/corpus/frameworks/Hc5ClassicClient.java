import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.ServerRun;
import io.socketreaper.testapp.corpus.TrustAllCertificates;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;

/** Apache HttpClient 5, classic: threads that read the stream of an answer and wait for something else in between. */
public class Hc5ClassicClient implements ClientRun.Client {
    private final ClientRun run;
    private final PoolingHttpClientConnectionManager pool;
    private final CloseableHttpClient client;

    private Hc5ClassicClient(ClientRun run) throws GeneralSecurityException {
        this.run = run;
        pool = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(run.connections())
                .setMaxConnTotal(run.connections())
                .setTlsSocketStrategy(ClientTlsStrategyBuilder.create()
                        .setSslContext(TrustAllCertificates.context())
                        .setHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                        .buildClassic())
                .build();
        client = HttpClients.custom()
                .setConnectionManager(pool)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.of(ClientRun.TIMEOUT))
                        .build())
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("Hc5ClassicClient", arguments, 60_000);
        run.play(new Hc5ClassicClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        var reader = new Thread(() -> {
            try {
                client.execute(
                        new HttpGet(run.origin() + path),
                        response -> ServerRun.readAll(response.getEntity().getContent(), answer));
            } catch (IOException failed) {
                // also if the answer was read, but its connection could not be given back
                answer.failed(failed);
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public String get(String path) throws IOException {
        return client.execute(new HttpGet(run.origin() + path), response -> EntityUtils.toString(response.getEntity()));
    }

    @Override
    public int leased() {
        return pool.getTotalStats().getLeased();
    }
}
