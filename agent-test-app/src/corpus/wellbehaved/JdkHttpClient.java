import io.socketreaper.testapp.corpus.CorpusRun;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.BlockingHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * java.net.http.HttpClient of the JDK (NIO selector), HTTP/1.1 and HTTP/2, against Undertow 2.4.4 (XNIO 3.8.16).
 *
 * <p>Half of the clients speak HTTP/1.1 on one keep-alive connection, half HTTP/2 with several streams on one. Between two bursts
 * the connections are idle for longer than the agent's timeout; both ends only wait in selectors. A connection that was replaced
 * counts as damage.
 */
public class JdkHttpClient {
    private static final int SILENCE = 3500;

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("JdkHttpClient", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        Set<Object> peers = ConcurrentHashMap.newKeySet();
        HttpHandler echo = new BlockingHandler(exchange -> {
            peers.add(exchange.getSourceAddress());
            exchange.getOutputStream().write(exchange.getInputStream().readAllBytes());
        });
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1", echo)
                .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
                .setIoThreads(2)
                .setWorkerThreads(run.connections() + 2)
                .build();
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        URI uri = URI.create("http://127.0.0.1:" + port + "/");

        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            clients.add(HttpClient.newBuilder()
                    .version(i % 2 == 0 ? Version.HTTP_1_1 : Version.HTTP_2)
                    .build());
        }
        for (HttpClient client : clients) {
            client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()); // HTTP/2 is agreed on a GET
        }
        Set<Object> first = Set.copyOf(peers);
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        echoes(run, clients, uri, load);
        Thread.sleep(SILENCE);
        echoes(run, clients, uri, load);
        if (first.size() != run.connections() || !first.equals(peers)) {
            run.damaged("connections changed: " + first + " became " + peers);
        }
        server.stop();
    }

    private static void echoes(CorpusRun run, List<HttpClient> clients, URI uri, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            List<CompletableFuture<Void>> exchanges = new ArrayList<>();
            for (HttpClient client : clients) {
                int streams = client.version() == Version.HTTP_2 ? 3 : 1;
                for (int stream = 0; stream < streams; stream++) {
                    exchanges.add(echo(run, client, uri));
                }
            }
            CompletableFuture.allOf(exchanges.toArray(new CompletableFuture<?>[0]))
                    .join();
        }
    }

    private static CompletableFuture<Void> echo(CorpusRun run, HttpClient client, URI uri) {
        Random random = new Random();
        byte[] sent = new byte[1 + random.nextInt(40_000)];
        random.nextBytes(sent);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .POST(BodyPublishers.ofByteArray(sent))
                .build();
        return client.sendAsync(request, BodyHandlers.ofByteArray())
                .thenAccept(response -> check(run, client, sent, response));
    }

    private static void check(CorpusRun run, HttpClient client, byte[] sent, HttpResponse<byte[]> response) {
        if (response.version() != client.version()) {
            run.damaged("expected " + client.version() + ", got " + response.version());
        }
        if (!Arrays.equals(sent, response.body())) {
            run.damaged("echo of " + sent.length + " bytes came back as " + response.body().length);
        }
        run.checked(response.body().length);
    }
}
