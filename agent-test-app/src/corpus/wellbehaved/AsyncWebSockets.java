import io.socketreaper.testapp.corpus.CorpusRun;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.OnMessage;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.glassfish.tyrus.client.ClientManager;
import org.glassfish.tyrus.container.jdk.client.JdkClientContainer;

/**
 * WebSockets on AsynchronousSocketChannel: Tomcat 11.0.27 with its NIO2 connector and the JDK client of Tyrus 2.2.2.
 *
 * <p>Every client has messages echoed, is silent for longer than the agent's timeout, then pings, is answered with pongs, and has
 * more messages echoed on the same connection. While silent, no thread is in any read, only a pending read that the channel
 * group knows of. At the end both sides close by handshake.
 */
public class AsyncWebSockets {
    private static final int SILENCE = 3500;

    /** The server's side, one object per connection. */
    @ServerEndpoint("/echo")
    public static class Echo {
        @OnMessage
        public byte[] echo(byte[] message) {
            return message;
        }
    }

    /** Checks that its messages come back in order. */
    private static class Client extends Endpoint {
        private final CorpusRun run;
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger received = new AtomicInteger();
        private final AtomicInteger pongs = new AtomicInteger();
        private volatile Session session;
        private volatile boolean done;
        private volatile boolean closed;

        Client(CorpusRun run) {
            this.run = run;
        }

        @Override
        public void onOpen(Session opened, EndpointConfig config) {
            opened.addMessageHandler(byte[].class, (MessageHandler.Whole<byte[]>) this::received);
            opened.addMessageHandler(
                    PongMessage.class, (MessageHandler.Whole<PongMessage>) pong -> pongs.incrementAndGet());
            session = opened;
        }

        void sendNext() throws IOException {
            session.getBasicRemote().sendBinary(ByteBuffer.wrap(message(sent.getAndIncrement())));
        }

        private void received(byte[] message) {
            if (!Arrays.equals(message, message(received.get()))) {
                run.damaged("wrong echo of " + message.length + " bytes");
            }
            run.checked(message.length);
            received.incrementAndGet();
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            closed = true;
            if (!done) {
                run.damaged("closed: " + reason);
            }
        }

        @Override
        public void onError(Session session, Throwable e) {
            run.damaged("client: " + e);
        }
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("AsyncWebSockets", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        Tomcat tomcat = server();
        URI uri = URI.create("ws://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/echo");
        ClientManager manager = ClientManager.createClient(JdkClientContainer.class.getName());
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            Client client = new Client(run);
            manager.connectToServer(
                    client, ClientEndpointConfig.Builder.create().build(), uri);
            clients.add(client);
        }
        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        echoes(run, clients, load);
        Thread.sleep(SILENCE);
        for (Client client : clients) {
            client.session.getBasicRemote().sendPing(ByteBuffer.allocate(4));
        }
        run.await("all pongs", () -> clients.stream().allMatch(c -> c.pongs.get() == 1));
        echoes(run, clients, load);
        clients.forEach(c -> c.done = true);
        for (Client client : clients) {
            client.session.close();
        }
        run.await("all closed", () -> clients.stream().allMatch(c -> c.closed));
        manager.shutdown();
        tomcat.stop();
        tomcat.destroy();
    }

    private static Tomcat server() throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir") + "/corpus-tomcat");
        Connector connector = new Connector("org.apache.coyote.http11.Http11Nio2Protocol");
        connector.setProperty("address", "127.0.0.1");
        connector.setPort(0);
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        context.addServletContainerInitializer(new WsSci(), Set.of(Echo.class));
        Tomcat.addServlet(context, "default", new DefaultServlet());
        context.addServletMappingDecoded("/", "default");
        tomcat.start();
        return tomcat;
    }

    private static void echoes(CorpusRun run, List<Client> clients, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(30)) {
            for (Client client : clients) {
                client.sendNext();
            }
        }
        run.await("all echoes", () -> clients.stream().allMatch(c -> c.received.get() == c.sent.get()));
    }

    private static byte[] message(int number) {
        Random random = new Random(number);
        byte[] bytes = new byte[random.nextInt(8000)]; // Tomcat takes 8192
        random.nextBytes(bytes);
        return bytes;
    }
}
