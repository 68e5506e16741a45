import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.reactivestreams.client.MongoClients;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * MongoDB reactive streams driver 5.6.0, https://github.com/mongodb/mongo-java-driver/pull/1981 (JAVA-6216).
 *
 * <p>With TLS the driver opens a SocketChannel before it looks up the name of the server. If there is no such name, it
 * reports the failure and the channel, a local variable, is lost: one for each attempt to reach each member of a cluster.
 * Here the cluster has CONNECTIONS members that nobody knows. Kind: never-connected (and unreachable).
 */
public class MongoTlsUnresolved {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("jdk.net.hosts.file", "/dev/null");
        var run = new CorpusRun("MongoTlsUnresolved", arguments);
        List<ServerAddress> members = IntStream.range(0, run.connections())
                .mapToObj(i -> new ServerAddress("member" + i + ".invalid"))
                .collect(Collectors.toList());
        var settings = MongoClientSettings.builder()
                .applyToClusterSettings(cluster -> cluster.hosts(members))
                .applyToServerSettings(server -> server.heartbeatFrequency(1, TimeUnit.HOURS))
                .applyToSslSettings(tls -> tls.enabled(true))
                .build();
        SocketChannel.open().close();
        run.baseline();

        run.keep(MongoClients.create(settings));
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
