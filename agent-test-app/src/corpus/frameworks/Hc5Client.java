import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.TrustAllCertificates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.async.methods.SimpleRequestProducer;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Message;
import org.apache.hc.core5.http.nio.AsyncEntityConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.support.BasicResponseConsumer;
import org.apache.hc.core5.util.Timeout;

/** Apache HttpClient 5, asynchronous: consumers that give no more capacity for a while. */
public class Hc5Client implements ClientRun.Client {
    private final ClientRun run;
    private final PoolingAsyncClientConnectionManager pool;
    private final CloseableHttpAsyncClient client;

    private Hc5Client(ClientRun run) throws GeneralSecurityException {
        this.run = run;
        pool = PoolingAsyncClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(run.connections())
                .setMaxConnTotal(run.connections())
                .setTlsStrategy(ClientTlsStrategyBuilder.create()
                        .setSslContext(TrustAllCertificates.context())
                        .setHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                        .buildAsync())
                .build();
        client = HttpAsyncClients.custom()
                .setConnectionManager(pool)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.of(ClientRun.TIMEOUT))
                        .build())
                .build();
        client.start();
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("Hc5Client", arguments, 120_000);
        run.play(new Hc5Client(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        client.execute(
                SimpleRequestProducer.create(SimpleRequestBuilder.get(run.origin() + path)
                        .setRequestConfig(RequestConfig.custom()
                                .setResponseTimeout(Timeout.ofMinutes(1))
                                .build())
                        .build()),
                new BasicResponseConsumer<>(new Pausing(answer)),
                new FutureCallback<Message<HttpResponse, Void>>() {
                    @Override
                    public void completed(Message<HttpResponse, Void> response) {
                        answer.ended();
                    }

                    @Override
                    public void failed(Exception cause) {
                        answer.failed(cause);
                    }

                    @Override
                    public void cancelled() {
                        answer.failed(new IOException("cancelled"));
                    }
                });
    }

    @Override
    public String get(String path) throws Exception {
        SimpleHttpResponse response = client.execute(
                        SimpleRequestBuilder.get(run.origin() + path).build(), null)
                .get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS);
        return response.getBodyText();
    }

    @Override
    public int leased() {
        return pool.getTotalStats().getLeased();
    }

    private static final class Pausing implements AsyncEntityConsumer<Void> {
        private final ClientRun.Answer answer;
        private boolean asked;
        private FutureCallback<Void> callback;

        Pausing(ClientRun.Answer answer) {
            this.answer = answer;
        }

        @Override
        public void streamStart(EntityDetails details, FutureCallback<Void> resultCallback) {
            callback = resultCallback;
        }

        @Override
        public void updateCapacity(CapacityChannel channel) throws IOException {
            if (!asked) {
                asked = true;
                channel.update(1);
                answer.whenResumed(() -> {
                    try {
                        channel.update(Integer.MAX_VALUE);
                    } catch (IOException closed) {
                        // the callback is told
                    }
                });
            }
        }

        @Override
        public void consume(ByteBuffer bytes) {
            answer.take(bytes);
        }

        @Override
        public void streamEnd(List<? extends Header> trailers) {
            callback.completed(null);
        }

        @Override
        public void failed(Exception cause) {
            // the exchange's callback hears of it, too
        }

        @Override
        public Void getContent() {
            return null;
        }

        @Override
        public void releaseResources() {
            // none
        }
    }
}
