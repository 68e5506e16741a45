import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.tools.Server;

/**
 * A database pool: HikariCP 7.1.0 and H2 2.5.252 in TCP server mode (java.net.Socket on both sides).
 *
 * <p>Rows with binary columns are written and read back through all pooled connections; then the pool is idle for longer than the
 * agent's timeout, as at night, and is used again. While idle nobody reads the client's sockets and only the pool refers to them.
 * A database session that is not one of the first counts as damage, because the pool would quietly replace a lost connection.
 */
public class DatabasePool {
    private static final int SILENCE = 3500;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("DatabasePool", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        System.setProperty("h2.bindAddress", "127.0.0.1");
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/mem:corpus;DB_CLOSE_DELAY=-1");
        config.setMaximumPoolSize(run.connections());
        Set<Integer> sessions = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        try (HikariDataSource pool = new HikariDataSource(config)) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table rows (id int primary key, content blob)");
            }
            List<Connection> all = new ArrayList<>();
            for (int i = 0; i < run.connections(); i++) {
                all.add(pool.getConnection());
                sessions.add(session(all.get(i)));
            }
            for (Connection connection : all) {
                connection.close();
            }
            Set<Integer> first = Set.copyOf(sessions);
            long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
            everybody(run, threads, pool, sessions, load);
            Thread.sleep(SILENCE);
            everybody(run, threads, pool, sessions, load);
            if (first.size() != run.connections() || !first.equals(sessions)) {
                run.damaged("sessions changed: " + first + " became " + sessions);
            }
        }
        threads.shutdown();
        server.stop();
    }

    private static void everybody(
            CorpusRun run, ExecutorService threads, HikariDataSource pool, Set<Integer> sessions, long millis)
            throws Exception {
        for (Future<Object> done : threads.invokeAll(Collections.nCopies(run.connections(), () -> {
            for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(20)) {
                try (Connection connection = pool.getConnection()) {
                    sessions.add(session(connection));
                    writeAndRead(run, connection);
                }
            }
            return null;
        }))) {
            done.get();
        }
    }

    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("call session_id()")) {
            result.next();
            return result.getInt(1);
        }
    }

    private static void writeAndRead(CorpusRun run, Connection connection) throws SQLException {
        int id = NUMBER.getAndIncrement();
        Random random = new Random(id);
        byte[] content = new byte[random.nextInt(30_000)];
        random.nextBytes(content);
        try (PreparedStatement insert = connection.prepareStatement("insert into rows values (?, ?)")) {
            insert.setInt(1, id);
            insert.setBytes(2, content);
            insert.executeUpdate();
        }
        try (PreparedStatement select = connection.prepareStatement("select content from rows where id = ?")) {
            select.setInt(1, id);
            try (ResultSet result = select.executeQuery()) {
                result.next();
                byte[] received = result.getBytes(1);
                if (!Arrays.equals(content, received)) {
                    run.damaged("row " + id + " has wrong content");
                }
                run.checked(received.length);
            }
        }
    }
}
