import io.socketreaper.testapp.corpus.CorpusRun;
import io.socketreaper.testapp.corpus.Server;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPoolConfig;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Jedis 2.9.0 on commons-pool2 2.4.2, https://github.com/apache/incubator-seata/issues/481.
 *
 * <p>A service takes a connection from the pool and does not release it; here only where Redis answers with an error. The pool
 * counts it as active for ever and opens another.
 */
public class JedisForgotten {
    public static void main(String[] arguments) throws Exception {
        int port = Server.answering("-WRONGTYPE Operation against a key holding the wrong kind of value\\r\\n");
        var run = new CorpusRun("JedisForgotten", arguments);
        var config = new JedisPoolConfig();
        config.setMaxTotal(run.connections());
        var pool = new JedisPool(config, "127.0.0.1", port);
        run.pileUp(number -> {
            try {
                run.damaged("no error but " + read(pool, "key"));
            } catch (JedisDataException expected) {
                // as the service does
            }
        });
    }

    private static String read(JedisPool pool, String key) {
        Jedis jedis = pool.getResource();
        String value = jedis.get(key);
        jedis.close();
        return value;
    }
}
