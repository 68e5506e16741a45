import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;

/**
 * ZooKeeper 3.6.1, https://github.com/apache/zookeeper/pull/1410 (ZOOKEEPER-3112, fixed in 3.6.2).
 *
 * <p>The client registers a SocketChannel with its selector and then connects it. If the name of the server does not
 * resolve, {@code connect} throws UnresolvedAddressException; the channel is closed, but its key waits for a selection, and
 * there is none until a connection succeeds: one descriptor for each attempt. Here each client makes two attempts; then its
 * look-up hangs, so that the leak stands still at twice CONNECTIONS. Kind: closed-not-released.
 */
public class ZookeeperUnresolved {
    private static final int ATTEMPTS = 2;

    public static void main(String[] arguments) throws Exception {
        System.setProperty("jdk.net.hosts.file", "/dev/null");
        var run = new CorpusRun("ZookeeperUnresolved", arguments);
        SocketChannel.open().close();
        run.baseline();

        var config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        var hanging = new CountDownLatch(run.connections());
        for (int i = 0; i < run.connections(); i++) {
            run.keep(new ZooKeeper("ignored:2181", 3000, event -> {}, false, new Addresses(hanging), config));
        }
        hanging.await();
        run.await("the leak", () -> run.held() == ATTEMPTS * run.connections());
        run.leaked();
    }

    /** ZooKeeper's own, for a name that nobody knows, whose look-ups hang after the first few. */
    private static final class Addresses implements HostProvider {
        private final HostProvider unresolved =
                new StaticHostProvider(List.of(InetSocketAddress.createUnresolved("zookeeper.invalid", 2181)));
        private final CountDownLatch hanging;
        private int lookups;

        Addresses(CountDownLatch hanging) {
            this.hanging = hanging;
        }

        @Override
        public InetSocketAddress next(long spinDelay) {
            if (lookups++ == ATTEMPTS) {
                hanging.countDown();
                hang();
            }
            return unresolved.next(0);
        }

        private static void hang() {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException over) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public int size() {
            return unresolved.size();
        }

        @Override
        public void onConnected() {
            unresolved.onConnected();
        }

        @Override
        public boolean updateServerList(Collection<InetSocketAddress> servers, InetSocketAddress current) {
            return unresolved.updateServerList(servers, current);
        }
    }
}
