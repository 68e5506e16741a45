import com.typesafe.config.ConfigFactory;
import io.socketreaper.testapp.corpus.ClientRun;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;

/** Pekko's streams over TCP: a consumer that pulls nothing for a while. */
public class PekkoClient implements ClientRun.Client {
    private static final String HEAD_END = "\r\n\r\n";

    private final ClientRun run;
    private final ActorSystem system = ActorSystem.create(
            "client",
            ConfigFactory.parseString("pekko.io.tcp.direct-buffer-size=8KiB").withFallback(ConfigFactory.load()));

    private PekkoClient(ClientRun run) {
        this.run = run;
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("PekkoClient", arguments, 60_000);
        run.play(new PekkoClient(run));
    }

    private Source<ByteString, ?> exchange(String path) {
        // The request's side stays open.
        return Source.single(ByteString.fromString("GET " + path + " HTTP/1.1\r\n\r\n"))
                .concat(Source.maybe())
                .via(Tcp.get(system).outgoingConnection("127.0.0.1", run.port()));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) {
        SinkQueueWithCancel<ByteString> queue =
                exchange(path).runWith(Sink.<ByteString>queue().withAttributes(Attributes.inputBuffer(1, 1)), system);
        pull(queue, answer);
    }

    private static void pull(SinkQueueWithCancel<ByteString> queue, ClientRun.Answer answer) {
        queue.pull().whenComplete((bytes, failure) -> {
            if (failure != null) {
                answer.failed(failure);
            } else if (bytes.isEmpty()) {
                answer.ended();
            } else if (answer.takeWithHead(bytes.get().asByteBuffer())) {
                answer.whenResumed(() -> pull(queue, answer));
            } else {
                pull(queue, answer);
            }
        });
    }

    @Override
    public String get(String path) throws Exception {
        // Until the end of the head, and then the five or fewer bytes that are there.
        return exchange(path)
                .via(Flow.<ByteString>create()
                        .scan("", (text, bytes) -> text + bytes.utf8String())
                        .filter(text -> text.contains(HEAD_END) && !text.endsWith(HEAD_END))
                        .take(1)
                        .map(text -> text.substring(text.indexOf(HEAD_END) + HEAD_END.length())))
                .completionTimeout(ClientRun.TIMEOUT)
                .runWith(Sink.head(), system)
                .toCompletableFuture()
                .get(ClientRun.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
