import io.socketreaper.testapp.corpus.CorpusRun;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.engine.BaseHandler;
import org.apache.qpid.proton.engine.Event;

/**
 * Qpid Proton-J 0.33.10, https://github.com/apache/qpid-proton-j/pull/43 (PROTON-2347).
 *
 * <p>{@code IOHandler.handleBound} opens a SocketChannel and connects it; an exception, here for a name that nobody knows,
 * becomes an error of the transport and the channel, a local variable, is lost. Kind: never-connected (and unreachable).
 */
public class ProtonUnresolved {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("jdk.net.hosts.file", "/dev/null");
        var run = new CorpusRun("ProtonUnresolved", arguments);
        var failures = new AtomicInteger();
        var reactor = Proton.reactor();
        run.keep(reactor);
        SocketChannel.open().close();
        run.baseline();

        for (int i = 0; i < run.connections(); i++) {
            reactor.connectionToHost("broker.invalid", 5672, new BaseHandler() {
                        @Override
                        public void onTransportError(Event event) {
                            failures.incrementAndGet();
                        }
                    })
                    .open();
        }
        reactor.run();
        run.await("the failures", () -> failures.get() == run.connections());
        run.await("the leak", () -> run.held() == run.connections());
        collectNowAndThen();
        run.leaked();
    }

    private static void collectNowAndThen() {
        var collections = new Thread(
                () -> {
                    while (true) {
                        System.gc();
                        try {
                            Thread.sleep(500);
                        } catch (InterruptedException over) {
                            return;
                        }
                    }
                },
                "collections");
        collections.setDaemon(true);
        collections.start();
    }
}
