import io.socketreaper.testapp.corpus.CorpusRun;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.sse.ServerSentEventConnection;
import io.undertow.server.handlers.sse.ServerSentEventHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/**
 * Server-sent events: Undertow 2.4.4 (XNIO, NIO) and OkHttp 5.5.1 (java.net.Socket).
 *
 * <p>Every client subscribes once. The server publishes a burst of numbered events, is silent for longer than the agent's
 * timeout without a heartbeat and goes on on the same streams. It never reads from these connections after the request and the
 * clients never write: each direction looks forgotten.
 */
public class ServerSentEvents {
    private static final int SILENCE = 3500;

    /** Checks that the events come in order, without a gap. */
    private static class Subscriber extends EventSourceListener {
        private final CorpusRun run;
        private final AtomicInteger received = new AtomicInteger();
        private volatile boolean done;

        Subscriber(CorpusRun run) {
            this.run = run;
        }

        @Override
        public void onEvent(EventSource source, String id, String type, String data) {
            if (!data.equals(event(received.getAndIncrement()))) {
                run.damaged("wrong event: " + data);
            }
            run.checked(data.length());
        }

        @Override
        public void onClosed(EventSource source) {
            end("the stream ended");
        }

        @Override
        public void onFailure(EventSource source, Throwable failure, Response response) {
            end(String.valueOf(failure));
        }

        private void end(String how) {
            if (!done) {
                run.damaged(how + " after " + received + " events");
            }
        }
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("ServerSentEvents", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        ServerSentEventHandler events = Handlers.serverSentEvents();
        Undertow server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1", events)
                .setIoThreads(2)
                .setWorkerThreads(4)
                .build();
        server.start();
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();

        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequestsPerHost(run.connections());
        OkHttpClient client = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .readTimeout(Duration.ZERO)
                .build();
        Request request =
                new Request.Builder().url("http://127.0.0.1:" + port + "/").build();
        List<Subscriber> subscribers = new ArrayList<>();
        List<EventSource> sources = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            Subscriber subscriber = new Subscriber(run);
            subscribers.add(subscriber);
            sources.add(EventSources.createFactory(client).newEventSource(request, subscriber));
        }
        run.await("all subscribed", () -> events.getConnections().size() == run.connections());

        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        int published = publish(events, 0, load);
        Thread.sleep(SILENCE);
        int total = publish(events, published, load);
        run.await("all events received", () -> subscribers.stream().allMatch(s -> s.received.get() == total));

        subscribers.forEach(s -> s.done = true);
        sources.forEach(EventSource::cancel);
        events.getConnections().forEach(ServerSentEventConnection::shutdown);
        dispatcher.executorService().shutdown();
        client.connectionPool().evictAll();
        server.stop();
    }

    /** Returns the number of the next event. */
    private static int publish(ServerSentEventHandler events, int first, long millis) throws InterruptedException {
        int next = first;
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(30)) {
            String event = event(next++);
            events.getConnections().forEach(connection -> connection.send(event));
        }
        return next;
    }

    private static String event(int number) {
        Random random = new Random(number);
        byte[] bytes = new byte[1 + random.nextInt(10_000)];
        random.nextBytes(bytes);
        return number + " " + Base64.getEncoder().encodeToString(bytes);
    }
}
