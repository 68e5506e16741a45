import io.socketreaper.testapp.corpus.ClientRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.apache.http.HttpResponse;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.concurrent.FutureCallback;
import org.apache.http.impl.nio.client.CloseableHttpAsyncClient;
import org.apache.http.impl.nio.client.HttpAsyncClients;
import org.apache.http.impl.nio.conn.PoolingNHttpClientConnectionManager;
import org.apache.http.impl.nio.reactor.DefaultConnectingIOReactor;
import org.apache.http.nio.IOControl;
import org.apache.http.nio.client.methods.AsyncByteConsumer;
import org.apache.http.nio.client.methods.HttpAsyncMethods;
import org.apache.http.protocol.HttpContext;
import org.apache.http.util.EntityUtils;

/** Apache HttpAsyncClient 4 on HttpCore 4 NIO: consumers that suspend their input for a while. */
public class Hc4NioClient implements ClientRun.Client {
    private final ClientRun run;
    private final PoolingNHttpClientConnectionManager pool;
    private final CloseableHttpAsyncClient client;

    private Hc4NioClient(ClientRun run) throws IOException {
        this.run = run;
        pool = new PoolingNHttpClientConnectionManager(new DefaultConnectingIOReactor());
        pool.setDefaultMaxPerRoute(run.connections());
        pool.setMaxTotal(run.connections());
        client = HttpAsyncClients.custom().setConnectionManager(pool).build();
        client.start();
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("Hc4NioClient", arguments, 70_000);
        run.play(new Hc4NioClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        client.execute(
                HttpAsyncMethods.createGet(run.origin() + path), new Pausing(answer), new FutureCallback<Void>() {
                    @Override
                    public void completed(Void result) {
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
        var request = new HttpGet(run.origin() + path);
        request.setConfig(RequestConfig.custom()
                .setSocketTimeout((int) ClientRun.TIMEOUT.toMillis())
                .build());
        return EntityUtils.toString(client.execute(request, null)
                .get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getEntity());
    }

    @Override
    public int leased() {
        return pool.getTotalStats().getLeased();
    }

    private static final class Pausing extends AsyncByteConsumer<Void> {
        private final ClientRun.Answer answer;

        Pausing(ClientRun.Answer answer) {
            this.answer = answer;
        }

        @Override
        protected void onByteReceived(ByteBuffer bytes, IOControl control) {
            if (answer.take(bytes)) {
                control.suspendInput();
                answer.whenResumed(control::requestInput);
            }
        }

        @Override
        protected void onResponseReceived(HttpResponse response) {
            // only its body matters
        }

        @Override
        protected Void buildResult(HttpContext context) {
            return null;
        }
    }
}
