import io.socketreaper.testapp.corpus.CorpusRun;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardVirtualThreadExecutor;
import org.apache.catalina.startup.Tomcat;

/**
 * Long polls: Tomcat 11.0.27 with asynchronous servlets (NIO; virtual threads on JDK 21 and newer), HttpURLConnection of the JDK
 * (java.net.Socket) as client.
 *
 * <p>Every connection asks a few times and is answered at once, then polls for something that comes after 3.5 s, then asks again
 * on the same connection. During the poll the server has no thread and no read interest on its sockets, and no byte moves.
 */
public class LongPolls {
    private static final int SILENCE = 3500;

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("LongPolls", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        System.setProperty("http.maxConnections", String.valueOf(run.connections())); // kept alive per destination
        Set<Integer> peers = ConcurrentHashMap.newKeySet();
        ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
        Tomcat tomcat = server(peers, timer);
        String url = "http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/";

        ExecutorService threads = Executors.newFixedThreadPool(run.connections());
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        for (Future<?> done : threads.invokeAll(Collections.nCopies(run.connections(), Executors.callable(() -> {
            try {
                polls(run, url, load);
                poll(run, url, SILENCE);
                polls(run, url, load);
                poll(run, url, 0).disconnect();
            } catch (IOException e) {
                run.damaged(e.toString());
            }
        })))) {
            done.get();
        }
        if (peers.size() > run.connections()) {
            run.damaged(peers.size() + " connections instead of " + run.connections());
        }
        threads.shutdown();
        timer.shutdown();
        tomcat.stop();
        tomcat.destroy();
    }

    private static Tomcat server(Set<Integer> peers, ScheduledExecutorService timer) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir") + "/corpus-tomcat");
        Connector connector = new Connector();
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.setPort(0);
        if (Runtime.version().feature() >= 21) {
            StandardVirtualThreadExecutor virtual = new StandardVirtualThreadExecutor();
            virtual.setName("virtual");
            tomcat.getService().addExecutor(virtual);
            connector.getProtocolHandler().setExecutor(virtual);
        }
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "poll", new HttpServlet() {
                    @Override
                    protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                        peers.add(request.getRemotePort());
                        AsyncContext poll = request.startAsync();
                        timer.schedule(
                                () -> answer(poll),
                                Long.parseLong(request.getParameter("millis")),
                                TimeUnit.MILLISECONDS);
                    }
                })
                .setAsyncSupported(true);
        context.addServletMappingDecoded("/", "poll");
        tomcat.start();
        return tomcat;
    }

    private static void answer(AsyncContext poll) {
        try {
            poll.getResponse()
                    .getOutputStream()
                    .write(pattern(Integer.parseInt(poll.getRequest().getParameter("seed"))));
            poll.complete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void polls(CorpusRun run, String url, long millis) throws IOException {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; ) {
            poll(run, url, 50);
        }
    }

    private static HttpURLConnection poll(CorpusRun run, String url, int millis) throws IOException {
        int seed = new Random().nextInt();
        URI uri = URI.create(url + "?millis=" + millis + "&seed=" + seed);
        HttpURLConnection poll = (HttpURLConnection) uri.toURL().openConnection();
        try (InputStream in = poll.getInputStream()) {
            byte[] received = in.readAllBytes();
            if (!Arrays.equals(received, pattern(seed))) {
                run.damaged("answer with wrong bytes: " + received.length);
            }
            run.checked(received.length);
        }
        return poll;
    }

    private static byte[] pattern(int seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[random.nextInt(30_000)];
        random.nextBytes(bytes);
        return bytes;
    }
}
