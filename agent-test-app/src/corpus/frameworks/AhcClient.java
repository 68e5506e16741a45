import static org.asynchttpclient.Dsl.asyncHttpClient;
import static org.asynchttpclient.Dsl.config;

import io.netty.handler.codec.http.HttpHeaders;
import io.socketreaper.testapp.corpus.ClientRun;
import java.util.concurrent.TimeUnit;
import org.asynchttpclient.AsyncHttpClient;
import org.asynchttpclient.HttpResponseBodyPart;
import org.asynchttpclient.HttpResponseStatus;
import org.asynchttpclient.handler.StreamedAsyncHandler;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** AsyncHttpClient 2 on Netty's NIO transport: subscribers to a streamed answer that ask for no more for a while. */
public class AhcClient implements ClientRun.Client {
    private final ClientRun run;
    private final AsyncHttpClient client;

    private AhcClient(ClientRun run) {
        this.run = run;
        client = asyncHttpClient(config().setMaxConnectionsPerHost(run.connections())
                .setMaxConnections(run.connections())
                .setAcquireFreeChannelTimeout(5000)
                .setRequestTimeout(60_000)
                .setReadTimeout(60_000)
                .setUseInsecureTrustManager(true)
                .setDisableHttpsEndpointIdentificationAlgorithm(true));
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("AhcClient", arguments, 50_000);
        run.play(new AhcClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        client.prepareGet(run.origin() + path).execute(new Pausing(answer));
    }

    @Override
    public String get(String path) throws Exception {
        return client.prepareGet(run.origin() + path)
                .setRequestTimeout((int) ClientRun.TIMEOUT.toMillis())
                .execute()
                .get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .getResponseBody();
    }

    private static final class Pausing implements StreamedAsyncHandler<Void>, Subscriber<HttpResponseBodyPart> {
        private final ClientRun.Answer answer;
        private Subscription subscription;

        Pausing(ClientRun.Answer answer) {
            this.answer = answer;
        }

        @Override
        public State onStatusReceived(HttpResponseStatus status) {
            return State.CONTINUE;
        }

        @Override
        public State onHeadersReceived(HttpHeaders headers) {
            return State.CONTINUE;
        }

        @Override
        public State onStream(Publisher<HttpResponseBodyPart> publisher) {
            publisher.subscribe(this);
            return State.CONTINUE;
        }

        @Override
        public State onBodyPartReceived(HttpResponseBodyPart part) {
            throw new IllegalStateException("it is streamed");
        }

        @Override
        public void onSubscribe(Subscription made) {
            subscription = made;
            made.request(1);
        }

        @Override
        public void onNext(HttpResponseBodyPart part) {
            if (answer.take(part.getBodyByteBuffer())) {
                answer.whenResumed(() -> subscription.request(Long.MAX_VALUE));
            }
        }

        @Override
        public void onError(Throwable cause) {
            answer.failed(cause);
        }

        @Override
        public void onComplete() {
            answer.ended();
        }

        @Override
        public void onThrowable(Throwable cause) {
            answer.failed(cause);
        }

        @Override
        public Void onCompleted() {
            return null;
        }
    }
}
