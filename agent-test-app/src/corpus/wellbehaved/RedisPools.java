import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;

/**
 * Redis: a pool of Jedis 8.0.2 (java.net.Socket) and connections of Lettuce 7.7.0 (Netty 4.2.13, NIO) to a small server in
 * Python, so that the other end is a process without an agent.
 *
 * <p>Values are set and got through all connections, which then are idle for longer than the agent's timeout and are used again.
 * Idle in the pool, a Jedis socket is read by nobody. A connection with a new number counts as damage, because the pool would
 * quietly replace what somebody closed.
 */
public class RedisPools {
    private static final int SILENCE = 3500;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String SERVER = """
            import asyncio, os, sys, threading
            values, clients = {}, 0
            def bulk(b): return b'$%d\\r\\n%s\\r\\n' % (len(b), b)
            def answer(command, number):
                name = command[0].upper()
                if name == b'SET':
                    values[command[1]] = command[2]
                    return b'+OK\\r\\n'
                if name == b'GET': return bulk(values[command[1]])
                if name == b'PING': return b'+PONG\\r\\n'
                if name == b'CLIENT' and command[1].upper() == b'ID': return b':%d\\r\\n' % number
                if name == b'CLIENT' and command[1].upper() == b'SETINFO': return b'+OK\\r\\n'
                if name == b'HELLO':
                    resp3 = len(command) > 1 and command[1] == b'3'
                    head, proto = (b'%3\\r\\n', b':3\\r\\n') if resp3 else (b'*6\\r\\n', b':2\\r\\n')
                    return head + bulk(b'server') + bulk(b'redis') + bulk(b'version') + bulk(b'7.4.0') + bulk(b'proto') + proto
                return b'-ERR unknown command\\r\\n'
            async def serve(reader, writer):
                global clients
                clients += 1
                number = clients
                try:
                    while line := await reader.readline():
                        command = []
                        for _ in range(int(line[1:])):
                            length = int((await reader.readline())[1:])
                            command.append((await reader.readexactly(length + 2))[:-2])
                        writer.write(answer(command, number))
                        await writer.drain()
                except ConnectionResetError:
                    pass # Jedis closes with SO_LINGER 0
                writer.close()
            async def main():
                server = await asyncio.start_server(serve, '127.0.0.1', 0)
                print(server.sockets[0].getsockname()[1], flush=True)
                await server.serve_forever()
            threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
            asyncio.run(main())
            """;

    /** One of the two libraries, on one connection or a pool. */
    private interface Client {
        void set(byte[] key, byte[] value);

        byte[] get(byte[] key);

        long connection();
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("RedisPools", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        Process server = new ProcessBuilder("python3", "-c", SERVER)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(new BufferedReader(new InputStreamReader(server.getInputStream())).readLine());
        int pooled = run.connections() / 2;
        List<Client> clients = new ArrayList<>();

        ConnectionPoolConfig config = new ConnectionPoolConfig();
        config.setMaxTotal(pooled);
        config.setMaxIdle(pooled);
        RedisClient jedis = RedisClient.builder()
                .hostAndPort("127.0.0.1", port)
                .poolConfig(config)
                .build();
        jedis.getPool().addObjects(pooled);
        for (int i = 0; i < pooled; i++) {
            clients.add(client(jedis));
        }
        io.lettuce.core.RedisClient lettuce = io.lettuce.core.RedisClient.create(RedisURI.create("127.0.0.1", port));
        lettuce.setOptions(ClientOptions.builder().autoReconnect(false).build());
        for (int i = pooled; i < run.connections(); i++) {
            clients.add(client(lettuce.connect(ByteArrayCodec.INSTANCE)));
        }

        Set<Long> numbers = ConcurrentHashMap.newKeySet();
        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        List<Callable<Void>> tasks = new ArrayList<>();
        for (Client client : clients) {
            tasks.add(() -> {
                setAndGet(run, client, numbers, load);
                Thread.sleep(SILENCE);
                setAndGet(run, client, numbers, load);
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(tasks)) {
            done.get();
        }
        if (numbers.stream().anyMatch(number -> number > run.connections())) {
            run.damaged("connections were replaced: " + numbers);
        }
        threads.shutdown();
        jedis.close();
        lettuce.shutdown(0, 2, TimeUnit.SECONDS);
        server.destroy();
    }

    private static Client client(RedisClient jedis) {
        return new Client() {
            @Override
            public void set(byte[] key, byte[] value) {
                jedis.set(key, value);
            }

            @Override
            public byte[] get(byte[] key) {
                return jedis.get(key);
            }

            @Override
            public long connection() {
                return (Long) jedis.sendCommand(Protocol.Command.CLIENT, "ID");
            }
        };
    }

    private static Client client(StatefulRedisConnection<byte[], byte[]> lettuce) {
        return new Client() {
            @Override
            public void set(byte[] key, byte[] value) {
                lettuce.sync().set(key, value);
            }

            @Override
            public byte[] get(byte[] key) {
                return lettuce.sync().get(key);
            }

            @Override
            public long connection() {
                return lettuce.sync().clientId();
            }
        };
    }

    private static void setAndGet(CorpusRun run, Client client, Set<Long> numbers, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(20)) {
            int number = NUMBER.getAndIncrement();
            byte[] key = ("key " + number).getBytes();
            byte[] value = new byte[new Random(number).nextInt(20_000)];
            new Random(~number).nextBytes(value);
            client.set(key, value);
            byte[] received = client.get(key);
            if (!Arrays.equals(value, received)) {
                run.damaged("wrong value of " + new String(key));
            }
            run.checked(received.length);
            numbers.add(client.connection());
        }
    }
}
