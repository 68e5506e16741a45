import io.socketreaper.testapp.corpus.CorpusRun;
import io.undertow.Handlers;
import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.util.ArrayList;

/**
 * Undertow 2.2.18.Final, https://github.com/hazelcast/hazelcast-jet-contrib/issues/90 (open; also spring-boot 27574).
 *
 * <p>Undertow suspends reading while it serves an exchange, so that a client that goes away from a stream of events is noticed
 * at the second write after that; a stream with nothing to say never writes. Here curl gives up waiting after two seconds.
 * Kind: peer-closed.
 */
public class UndertowEvents {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("UndertowEvents", arguments);
        var handler = Handlers.path()
                .addExactPath("/once", exchange -> exchange.getResponseSender().send("hello\n"))
                .addExactPath("/events", Handlers.serverSentEvents((connection, lastId) -> {
                    connection.addCloseTask(closed -> run.callback());
                    connection.send("1");
                }));
        var server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(1)
                .setWorkerThreads(2)
                .setHandler(handler)
                .build();
        server.start();
        run.keep(server);
        int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
        curl(port, "/once").waitFor();
        run.baseline();

        var clients = new ArrayList<Process>();
        for (int i = 0; i < run.connections(); i++) {
            clients.add(curl(port, "/events"));
        }
        for (var client : clients) {
            client.waitFor();
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static Process curl(int port, String path) throws Exception {
        return new ProcessBuilder("curl", "-sS", "-m", "2", "http://127.0.0.1:" + port + path)
                .inheritIO()
                .start();
    }
}
