import akka.actor.AbstractActor;
import akka.actor.ActorRef;
import akka.actor.ActorSystem;
import akka.actor.Props;
import akka.io.Tcp;
import akka.io.TcpMessage;
import akka.util.ByteString;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Akka 2.6.21, https://github.com/akka/akka-core/issues/16552 (superseded by 17122, which is open).
 *
 * <p>With pull mode a connection reads only when asked to. {@code ConfirmedClose} shuts the output and waits for the peer's
 * end, but registers no interest in reading, so that it misses it. Here a server answers a line, confirms the close, and
 * waits for {@code ConfirmedClosed}; the clients (Python) read the answer, say a last word and close. Kind: half-closed.
 */
public class AkkaConfirmedClose {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("AkkaConfirmedClose", arguments);
        var system = ActorSystem.create();
        run.keep(system);
        int pushed = serve(system, false);
        int pulled = serve(system, true);
        clients(pushed, 1);
        run.baseline();

        clients(pulled, run.connections());
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static int serve(ActorSystem system, boolean pull) throws Exception {
        var port = new CompletableFuture<Integer>();
        system.actorOf(Props.create(Server.class, () -> new Server(port, pull)));
        return port.get();
    }

    private static void clients(int port, int count) throws Exception {
        var clients = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/say_and_leave.py",
                        "" + port,
                        "" + count,
                        "hello\\n",
                        "over quota\\n",
                        "bye\\n")
                .inheritIO()
                .start();
        if (clients.waitFor() != 0) {
            throw new IllegalStateException("the clients failed");
        }
    }

    private static final class Server extends AbstractActor {
        private final CompletableFuture<Integer> port;
        private final boolean pull;
        private ActorRef listener;

        Server(CompletableFuture<Integer> port, boolean pull) {
            this.port = port;
            this.pull = pull;
        }

        @Override
        public void preStart() {
            Tcp.get(getContext().getSystem())
                    .manager()
                    .tell(
                            TcpMessage.bind(getSelf(), new InetSocketAddress("127.0.0.1", 0), 50, List.of(), pull),
                            getSelf());
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .match(Tcp.Bound.class, this::bound)
                    .match(Tcp.Connected.class, this::connected)
                    .build();
        }

        private void bound(Tcp.Bound bound) {
            listener = getSender();
            acceptOne();
            port.complete(bound.localAddress().getPort());
        }

        private void connected(Tcp.Connected connected) {
            var handler = getContext().actorOf(Props.create(Farewell.class, Farewell::new));
            getSender().tell(TcpMessage.register(handler), getSelf());
            if (pull) {
                getSender().tell(TcpMessage.resumeReading(), handler);
                acceptOne();
            }
        }

        private void acceptOne() {
            if (pull) {
                listener.tell(TcpMessage.resumeAccepting(1), getSelf());
            }
        }
    }

    private static final class Farewell extends AbstractActor {
        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .match(Tcp.Received.class, this::answer)
                    .match(Tcp.ConnectionClosed.class, closed -> getContext().stop(getSelf()))
                    .build();
        }

        private void answer(Tcp.Received words) {
            getSender().tell(TcpMessage.write(ByteString.fromString("over quota\n")), getSelf());
            getSender().tell(TcpMessage.confirmedClose(), getSelf());
        }
    }
}
