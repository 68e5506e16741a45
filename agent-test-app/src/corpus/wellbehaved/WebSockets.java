import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;

/**
 * WebSockets: Java-WebSocket 1.6.0, server on NIO selectors, clients on java.net.Socket.
 *
 * <p>Every client has messages echoed, is silent for longer than the agent's timeout (the library's own ping interval is 60 s),
 * then pings, is answered with pongs, and has more messages echoed on the same connection. At the end both sides close by
 * handshake.
 */
public class WebSockets {
    private static final int SILENCE = 3500;

    /** Checks that its messages come back in order. */
    private static class Client extends WebSocketClient {
        private final CorpusRun run;
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger received = new AtomicInteger();
        private final AtomicInteger pongs = new AtomicInteger();
        private volatile boolean done;

        Client(CorpusRun run, URI server) {
            super(server);
            this.run = run;
        }

        void sendNext() {
            send(message(sent.getAndIncrement()));
        }

        @Override
        public void onMessage(ByteBuffer message) {
            int length = message.remaining();
            if (!message.equals(ByteBuffer.wrap(message(received.getAndIncrement())))) {
                run.damaged("wrong echo of " + length + " bytes");
            }
            run.checked(length);
        }

        @Override
        public void onWebsocketPong(WebSocket connection, Framedata frame) {
            pongs.incrementAndGet();
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {
            if (!done || code != 1000) {
                run.damaged("closed with " + code + " " + reason);
            }
        }

        @Override
        public void onError(Exception e) {
            run.damaged("client: " + e);
        }

        @Override
        public void onMessage(String message) {
            run.damaged("unexpected text");
        }

        @Override
        public void onOpen(ServerHandshake handshake) {}
    }

    /** Echoes. */
    private static class Server extends WebSocketServer {
        private final CorpusRun run;
        private volatile boolean started;

        Server(CorpusRun run) {
            super(new InetSocketAddress("127.0.0.1", 0), 2);
            this.run = run;
        }

        @Override
        public void onMessage(WebSocket connection, ByteBuffer message) {
            connection.send(message);
        }

        @Override
        public void onError(WebSocket connection, Exception e) {
            run.damaged("server: " + e);
        }

        @Override
        public void onStart() {
            started = true;
        }

        @Override
        public void onOpen(WebSocket connection, ClientHandshake handshake) {}

        @Override
        public void onClose(WebSocket connection, int code, String reason, boolean remote) {}

        @Override
        public void onMessage(WebSocket connection, String message) {}
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("WebSockets", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        Server server = new Server(run);
        server.start();
        run.await("the server listens", () -> server.started);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            Client client = new Client(run, URI.create("ws://127.0.0.1:" + server.getPort()));
            client.connectBlocking();
            clients.add(client);
        }
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        echoes(run, clients, load);
        Thread.sleep(SILENCE);
        clients.forEach(Client::sendPing);
        run.await("all pongs", () -> clients.stream().allMatch(c -> c.pongs.get() == 1));
        echoes(run, clients, load);
        clients.forEach(c -> c.done = true);
        for (Client client : clients) {
            client.closeBlocking();
        }
        server.stop(1000);
    }

    private static void echoes(CorpusRun run, List<Client> clients, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(30)) {
            clients.forEach(Client::sendNext);
        }
        run.await("all echoes", () -> clients.stream().allMatch(c -> c.received.get() == c.sent.get()));
    }

    private static byte[] message(int number) {
        Random random = new Random(number);
        byte[] bytes = new byte[random.nextInt(20_000)];
        random.nextBytes(bytes);
        return bytes;
    }
}
