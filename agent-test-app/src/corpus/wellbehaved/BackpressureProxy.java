import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
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
import org.littleshoot.proxy.HttpProxyServer;
import org.littleshoot.proxy.impl.DefaultHttpProxyServer;

/**
 * A proxy with backpressure: LittleProxy 2.8.0 (Netty 4.2.15 NIO, autoRead=false while the other side is slow) between
 * java.net.Sockets and com.sun.net.httpserver of the JDK.
 *
 * <p>Half of the clients download 16 MB and stop reading in the middle, half upload 16 MB to a handler that does not read at
 * first, each for longer than the agent's timeout. Buffers are full everywhere then, unread bytes are waiting, and nobody reads:
 * the proxy has taken its read interest away. Before and after, the same connections carry small exchanges.
 */
public class BackpressureProxy {
    private static final int SILENCE = 3500;
    private static final int BIG = 16 << 20;
    private static final byte[] PATTERN = new byte[BIG];

    /** A client with its one keep-alive connection to the proxy. */
    private static class Client {
        private final CorpusRun run;
        private final Socket socket = new Socket();
        private final InputStream in;
        private final OutputStream out;
        private final String url;

        Client(CorpusRun run, InetSocketAddress proxy, String url) throws IOException {
            this.run = run;
            this.url = url;
            socket.setReceiveBufferSize(64 << 10);
            socket.connect(proxy);
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        void download(int length, int pause) throws Exception {
            request("GET " + url + "?" + length, 0);
            int half = length / 2;
            expectHead(length);
            expectBody(0, half);
            Thread.sleep(pause);
            expectBody(half, length);
        }

        void upload(int length, int pause) throws IOException {
            request("POST " + url + "?" + pause, length);
            out.write(PATTERN, 0, length);
            expectHead(0);
        }

        private void request(String line, int bodyLength) throws IOException {
            out.write((line + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bodyLength + "\r\n\r\n").getBytes());
        }

        private void expectHead(int bodyLength) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("in the answer's head: " + head);
                }
                head.append((char) next);
            }
            String lower = head.toString().toLowerCase();
            if (!lower.startsWith("http/1.1 200") || !lower.contains("content-length: " + bodyLength + "\r\n")) {
                throw new IOException("expected 200 and " + bodyLength + " bytes: " + head);
            }
        }

        private void expectBody(int from, int to) throws IOException {
            byte[] received = in.readNBytes(to - from);
            check(run, received, from, to);
        }
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("BackpressureProxy", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        new Random(1).nextBytes(PATTERN);
        Set<InetSocketAddress> peers = ConcurrentHashMap.newKeySet();
        ExecutorService handlers = Executors.newCachedThreadPool();
        HttpServer origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        origin.setExecutor(handlers);
        origin.createContext("/", exchange -> {
            peers.add(exchange.getRemoteAddress());
            serve(run, exchange);
        });
        origin.start();
        HttpProxyServer proxy = DefaultHttpProxyServer.bootstrap()
                .withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .start();

        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            clients.add(new Client(
                    run,
                    proxy.getListenAddress(),
                    "http://127.0.0.1:" + origin.getAddress().getPort() + "/"));
        }
        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        List<Callable<Void>> tasks = new ArrayList<>();
        for (Client client : clients) {
            tasks.add(() -> {
                small(client, load);
                if (clients.indexOf(client) % 2 == 0) {
                    client.download(BIG, SILENCE);
                } else {
                    client.upload(BIG, SILENCE);
                }
                small(client, load);
                return null;
            });
        }
        for (Future<Void> done : threads.invokeAll(tasks)) {
            done.get();
        }
        if (peers.size() != run.connections()) {
            run.damaged(peers.size() + " connections to the origin instead of " + run.connections());
        }
        for (Client client : clients) {
            client.socket.close();
        }
        proxy.stop();
        origin.stop(0);
        handlers.shutdown();
        threads.shutdown();
    }

    private static void small(Client client, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            client.download(20_000, 0);
            client.upload(20_000, 0);
        }
    }

    private static void serve(CorpusRun run, HttpExchange exchange) throws IOException {
        int number = Integer.parseInt(exchange.getRequestURI().getQuery());
        try (exchange) {
            if (exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(200, number);
                exchange.getResponseBody().write(PATTERN, 0, number);
            } else {
                Thread.sleep(number);
                byte[] received = exchange.getRequestBody().readAllBytes();
                check(run, received, 0, received.length);
                exchange.getResponseHeaders().set("Content-Length", "0");
                exchange.sendResponseHeaders(200, -1);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void check(CorpusRun run, byte[] received, int from, int to) {
        if (!Arrays.equals(received, 0, received.length, PATTERN, from, to)) {
            run.damaged("wrong bytes: " + received.length + " instead of " + (to - from));
        }
        run.checked(received.length);
    }
}
