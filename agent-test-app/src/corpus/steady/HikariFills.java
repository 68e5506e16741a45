import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.sql.SQLException;
import org.h2.tools.Server;

/**
 * A database pool that fills and stays: HikariCP 7.1.0 and H2 2.5.252 in TCP server mode.
 *
 * <p>The pool makes all of its connections at the start, as it does by default, and few are ever used: the rest is idle for ever.
 */
public class HikariFills {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("HikariFills", arguments);
        System.setProperty("h2.bindAddress", "127.0.0.1");
        var server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        var config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:corpus;DB_CLOSE_DELAY=-1");
        config.setMaximumPoolSize(run.connections());
        try (var pool = new HikariDataSource(config)) {
            // The others begin only then: a pool that takes longer than a growth window to fill would rightly be a
            // finding.
            run.await("a pool that is full", () -> total(pool) == run.connections());
            run.forAsLongAsItIsWatched(part -> {
                ask(run, pool);
                Thread.sleep(200);
            });
            if (total(pool) != run.connections()) {
                run.damaged("connections: " + total(pool));
            }
            run.stays();
        }
    }

    private static int total(HikariDataSource pool) {
        return pool.getHikariPoolMXBean().getTotalConnections();
    }

    private static void ask(CorpusRun run, HikariDataSource pool) throws SQLException {
        try (var connection = pool.getConnection();
                var statement = connection.createStatement();
                var result = statement.executeQuery("select 6 * 7")) {
            result.next();
            if (result.getInt(1) != 42) {
                run.damaged("6 * 7 is " + result.getInt(1));
            }
            run.checked(Integer.BYTES);
        }
    }
}
