import io.socketreaper.testapp.corpus.ClientRun;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpClientConnection;
import java.util.concurrent.TimeUnit;

/**
 * Vert.x 5 on Netty's NIO transport: paused answers. A pause alone stops reading only once some messages are waiting, so the
 * channel's auto-read is switched off, too.
 */
public class VertxClient implements ClientRun.Client {
    private final ClientRun run;
    private final HttpClient client;

    private VertxClient(ClientRun run) {
        this.run = run;
        var vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setKeepAliveTimeout(60)
                        .setSsl(run.isTls())
                        .setTrustAll(true)
                        .setVerifyHost(false),
                new PoolOptions().setHttp1MaxSize(run.connections()));
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("VertxClient", arguments, 50_000);
        run.play(new VertxClient(run));
    }

    private RequestOptions options(String path) {
        return new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(run.port())
                .setURI(path);
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        client.request(options(path))
                .compose(HttpClientRequest::send)
                .onFailure(answer::failed)
                .onSuccess(response -> {
                    response.exceptionHandler(answer::failed);
                    response.endHandler(none -> answer.ended());
                    response.handler(bytes -> {
                        if (answer.take(java.nio.ByteBuffer.wrap(bytes.getBytes()))) {
                            pause(response, answer);
                        }
                    });
                });
    }

    private static void pause(HttpClientResponse response, ClientRun.Answer answer) {
        var context = io.vertx.core.Vertx.currentContext();
        var channel = ((HttpClientConnection) response.request().connection())
                .channelHandlerContext()
                .channel();
        response.pause();
        channel.config().setAutoRead(false);
        answer.whenResumed(() -> context.runOnContext(now -> {
            channel.config().setAutoRead(true);
            response.resume();
        }));
    }

    @Override
    public String get(String path) throws Exception {
        return client.request(options(path).setIdleTimeout(ClientRun.TIMEOUT.toMillis()))
                .compose(HttpClientRequest::send)
                .compose(HttpClientResponse::body)
                .toCompletionStage()
                .toCompletableFuture()
                .get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS)
                .toString();
    }
}
