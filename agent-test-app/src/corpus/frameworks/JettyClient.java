import io.socketreaper.testapp.corpus.ClientRun;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty's client: listeners that demand no more content for a while. */
public class JettyClient implements ClientRun.Client {
    private final ClientRun run;
    private final HttpClient client;

    private JettyClient(ClientRun run) throws Exception {
        this.run = run;
        var connector = new ClientConnector();
        connector.setSslContextFactory(new SslContextFactory.Client(true));
        client = new HttpClient(new HttpClientTransportOverHTTP(connector));
        client.setMaxConnectionsPerDestination(run.connections());
        client.setIdleTimeout(TimeUnit.MINUTES.toMillis(1));
        client.start();
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("JettyClient", arguments, 70_000);
        run.play(new JettyClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        client.newRequest(run.origin() + path).send(new Pausing(answer));
    }

    @Override
    public String get(String path) throws Exception {
        return client.newRequest(run.origin() + path)
                .timeout(ClientRun.TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .send()
                .getContentAsString();
    }

    @Override
    public int leased() {
        int leased = 0;
        for (Destination destination : client.getDestinations()) {
            leased += ((AbstractConnectionPool) destination.getConnectionPool()).getActiveConnectionCount();
        }
        return leased;
    }

    private static final class Pausing implements Response.Listener {
        private final ClientRun.Answer answer;

        Pausing(ClientRun.Answer answer) {
            this.answer = answer;
        }

        @Override
        public void onContentSource(Response response, Content.Source source) {
            boolean paused = false;
            while (true) {
                Content.Chunk chunk = source.read();
                if (chunk == null) {
                    source.demand(() -> onContentSource(response, source));
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    return;
                }
                paused = answer.take(chunk.getByteBuffer());
                chunk.release();
                if (chunk.isLast()) {
                    return;
                }
                if (paused) {
                    answer.whenResumed(() -> onContentSource(response, source));
                    return;
                }
            }
        }

        @Override
        public void onComplete(Result result) {
            if (result.isFailed()) {
                answer.failed(result.getFailure());
            } else {
                answer.ended();
            }
        }
    }
}
