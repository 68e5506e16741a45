import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import org.h2.tools.Server;

/**
 * A pool whose application borrows a connection and does not give it back, for docs/comparison.md: what does the pool's leak detection
 * say? HikariCP, and H2 over TCP; SLF4J's simple provider prints. Ends after four seconds.
 */
public final class Hikari {
    private static final int PORT = 19_999;

    private Hikari() {}

    public static void main(String[] arguments) throws Exception {
        Server server =
                Server.createTcpServer("-tcpPort", "" + PORT, "-ifNotExists").start();
        try (var pool = new HikariDataSource()) {
            pool.setJdbcUrl("jdbc:h2:tcp://127.0.0.1:" + PORT + "/mem:x");
            pool.setLeakDetectionThreshold(2000);
            forget(pool);
            Thread.sleep(4000);
        }
        server.stop();
    }

    private static void forget(HikariDataSource pool) throws SQLException {
        pool.getConnection();
    }
}
