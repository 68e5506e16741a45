import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.HostProvider;

/**
 * ZooKeeper 3.8.2 (client), https://github.com/apache/zookeeper/pull/2047 (ZOOKEEPER-4736).
 *
 * <p>The client registers its channel with its selector, then connects. If the network is unreachable, connect throws and the
 * channel is closed, but nobody selects before the next attempt, which opens another. Here the unreachable address is the
 * loopback network's broadcast address (ENETUNREACH, no packet is sent); each client tries once, then waits for its
 * host provider. No peer. Kind: closed-not-released.
 */
public class ZooKeeperUnreachable {
    private static final int SESSION_TIMEOUT_MILLIS = 30_000;

    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("ZooKeeperUnreachable", arguments);
        SocketDescriptors.warmUp();
        run.baseline();
        for (int i = 0; i < run.connections(); i++) {
            run.keep(new ZooKeeper("here", SESSION_TIMEOUT_MILLIS, event -> {}, false, new OneUnreachable()));
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    /** Gives its address once; asked again it waits, as name resolution does with no network. */
    private static final class OneUnreachable implements HostProvider {
        private boolean given;

        @Override
        public int size() {
            return 1;
        }

        @Override
        public InetSocketAddress next(long spinDelay) {
            if (given) {
                waitForEver();
            }
            given = true;
            return new InetSocketAddress("127.255.255.255", 2181);
        }

        private static void waitForEver() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void onConnected() {}

        @Override
        public boolean updateServerList(Collection<InetSocketAddress> servers, InetSocketAddress current) {
            return false;
        }
    }
}
