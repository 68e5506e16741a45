import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.TrustAllCertificates;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** The JDK's own {@code HttpClient}: subscribers that request no more of a body for a while. It has no pool that could be asked. */
public class JdkClient implements ClientRun.Client {
    private final ClientRun run;
    private final HttpClient client;

    private JdkClient(ClientRun run) throws GeneralSecurityException {
        this.run = run;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(TrustAllCertificates.context())
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("jdk.internal.httpclient.disableHostnameVerification", "true");
        var run = new ClientRun("JdkClient", arguments, 70_000);
        run.play(new JdkClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        var request = HttpRequest.newBuilder(URI.create(run.origin() + path)).build();
        client.sendAsync(request, head -> new Pausing(answer)).whenComplete((response, failure) -> {
            if (failure == null) {
                answer.ended();
            } else {
                answer.failed(failure);
            }
        });
    }

    @Override
    public String get(String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(run.origin() + path))
                .timeout(ClientRun.TIMEOUT)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static final class Pausing implements HttpResponse.BodySubscriber<Void> {
        private final ClientRun.Answer answer;
        private final CompletableFuture<Void> body = new CompletableFuture<>();
        private Flow.Subscription subscription;

        Pausing(ClientRun.Answer answer) {
            this.answer = answer;
        }

        @Override
        public CompletionStage<Void> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription = begun;
            begun.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> bytes) {
            boolean first = false;
            for (ByteBuffer each : bytes) {
                first |= answer.take(each);
            }
            if (first) {
                answer.whenResumed(() -> subscription.request(Long.MAX_VALUE));
            }
        }

        @Override
        public void onError(Throwable failure) {
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            body.complete(null);
        }
    }
}
