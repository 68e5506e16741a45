import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.socketreaper.testapp.corpus.ClientRun;
import io.socketreaper.testapp.corpus.TrustAllCertificates;
import java.security.GeneralSecurityException;
import java.time.Duration;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Reactor Netty on Netty's NIO transport: subscribers whose channel does not read for a while. */
public class ReactorClient implements ClientRun.Client {
    private final HttpClient client;

    private ReactorClient(ClientRun run) throws GeneralSecurityException {
        var context = new JdkSslContext(TrustAllCertificates.context(), true, ClientAuth.NONE);
        var plain = HttpClient.create(ConnectionProvider.create("few", run.connections()))
                .baseUrl(run.origin());
        client = run.isTls() ? plain.secure(tls -> tls.sslContext(context)) : plain;
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("reactor.netty.native", "false");
        var run = new ClientRun("ReactorClient", arguments, 50_000);
        run.play(new ReactorClient(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        client.get()
                .uri(path)
                .responseConnection((response, connection) -> connection
                        .inbound()
                        .receive()
                        .doOnNext(bytes -> {
                            if (answer.take(bytes.nioBuffer())) {
                                connection.channel().config().setAutoRead(false);
                                answer.whenResumed(
                                        () -> connection.channel().config().setAutoRead(true));
                            }
                        }))
                .subscribe(bytes -> {}, answer::failed, answer::ended);
    }

    @Override
    public String get(String path) {
        return client.responseTimeout(ClientRun.TIMEOUT)
                .get()
                .uri(path)
                .responseContent()
                .aggregate()
                .asString()
                .block(Duration.ofSeconds(ClientRun.PATIENCE_SECONDS));
    }
}
