import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Apache HttpClient 5.6.5 (java.net.Socket) against Jetty 12.1.14 (NIO selectors; virtual threads on JDK 21 and newer).
 *
 * <p>A pool of keep-alive connections echoes bodies, is idle for longer than the agent's timeout and is used again. While idle,
 * no thread reads a pooled socket and nobody touches it: only the pool refers to it. A connection that is not the old one counts
 * as damage, because a pool would quietly replace what somebody closed.
 */
public class HttpClientPool {
    private static final int SILENCE = 3500;

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("HttpClientPool", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        int connections = run.connections();
        Set<String> peers = ConcurrentHashMap.newKeySet();
        CyclicBarrier everybody = new CyclicBarrier(connections);
        QueuedThreadPool serverThreads = new QueuedThreadPool(connections + 20);
        serverThreads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
        Server server = new Server(serverThreads);
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                peers.add(
                        request.getConnectionMetaData().getRemoteSocketAddress().toString());
                byte[] body = Content.Source.asInputStream(request).readAllBytes();
                if (Request.getPathInContext(request).equals("/meet")) {
                    everybody.await();
                }
                response.write(true, ByteBuffer.wrap(body), callback);
                return true;
            }
        });
        server.start();

        String url = "http://127.0.0.1:" + connector.getLocalPort();
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        try (CloseableHttpClient client = HttpClients.custom()
                .disableAutomaticRetries()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnPerRoute(connections)
                        .setMaxConnTotal(connections)
                        .build())
                .build()) {
            all(threads, connections, () -> echo(run, client, url + "/meet"));
            Set<String> first = Set.copyOf(peers);
            all(threads, connections, () -> echoes(run, client, url, load));
            Thread.sleep(SILENCE);
            all(threads, connections, () -> echoes(run, client, url, load));
            if (first.size() != connections || !first.equals(peers)) {
                run.damaged("connections changed: " + first + " became " + peers);
            }
        }
        threads.shutdown();
        server.stop();
    }

    private static void all(ExecutorService threads, int count, Callable<Void> task) throws Exception {
        for (Future<Void> done : threads.invokeAll(Collections.nCopies(count, task))) {
            done.get();
        }
    }

    private static Void echoes(CorpusRun run, CloseableHttpClient client, String url, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            echo(run, client, url + "/");
        }
        return null;
    }

    private static Void echo(CorpusRun run, CloseableHttpClient client, String url) throws IOException {
        Random random = new Random();
        byte[] sent = new byte[random.nextInt(60_000)];
        random.nextBytes(sent);
        HttpPost post = new HttpPost(url);
        post.setEntity(new ByteArrayEntity(sent, ContentType.APPLICATION_OCTET_STREAM));
        byte[] received = client.execute(post, response -> EntityUtils.toByteArray(response.getEntity()));
        if (!Arrays.equals(sent, received)) {
            run.damaged("echo of " + sent.length + " bytes came back as " + received.length);
        }
        run.checked(received.length);
        return null;
    }
}
