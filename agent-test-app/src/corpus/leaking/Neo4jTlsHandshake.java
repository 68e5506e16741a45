import io.socketreaper.testapp.corpus.CorpusRun;
import java.nio.channels.SocketChannel;
import org.neo4j.driver.v1.AuthTokens;
import org.neo4j.driver.v1.Config;
import org.neo4j.driver.v1.GraphDatabase;
import org.neo4j.driver.v1.exceptions.SecurityException;

/**
 * Neo4j Java driver 1.3.1, https://github.com/neo4j/neo4j-java-driver/pull/383.
 *
 * <p>{@code ChannelFactory.create} opens and connects a SocketChannel and then shakes hands; if the certificate is refused,
 * it throws and the connected channel, a local variable, is lost. Here a Python server with a certificate of its own is
 * tried again and again, as a client waiting for its database does. Kind: unreachable.
 */
public class Neo4jTlsHandshake {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("Neo4jTlsHandshake", arguments);
        var server = new ProcessBuilder("python3", "src/corpus/peers/tls_server.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        var config = Config.build()
                .withEncryption()
                .withTrustStrategy(Config.TrustStrategy.trustSystemCertificates())
                .toConfig();
        SocketChannel.open().close();
        run.baseline();

        for (int i = 0; i < run.connections(); i++) {
            try {
                GraphDatabase.driver("bolt://127.0.0.1:" + port, AuthTokens.none(), config);
                run.damaged("trusts everybody");
            } catch (SecurityException refused) {
                // what the application sees; it tries again
            }
        }
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
