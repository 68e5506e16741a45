import io.socketreaper.testapp.corpus.CorpusRun;
import java.util.ArrayList;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServer;

/**
 * Reactor Netty 0.9.2.RELEASE, https://github.com/reactor/reactor-netty/issues/940 (fixed in 0.9.3).
 *
 * <p>After a request the server leaves auto-read off, so that a client that goes away is noticed at the next write only. A
 * stream of events with nothing to say never writes. Here curl gives up waiting after two seconds. NIO transport: the native one
 * sees the end without reading. Kind: peer-closed.
 */
public class ReactorServerAutoRead {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("ReactorServerAutoRead", arguments);
        var server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.get("/once", (request, response) -> response.sendString(Mono.just("hello")))
                        .get(
                                "/events",
                                (request, response) -> response.sse()
                                        .withConnection(connection -> connection
                                                .channel()
                                                .closeFuture()
                                                .addListener(done -> run.callback()))
                                        .sendObject(
                                                Flux.concat(
                                                        Mono.just(response.alloc()
                                                                .buffer()
                                                                .writeBytes("data: 1\n\n".getBytes())),
                                                        Mono.never()),
                                                event -> true)))
                .bindNow();
        run.keep(server);
        curl(server.port(), "/once").waitFor();
        run.baseline();

        var clients = new ArrayList<Process>();
        for (int i = 0; i < run.connections(); i++) {
            clients.add(curl(server.port(), "/events"));
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
