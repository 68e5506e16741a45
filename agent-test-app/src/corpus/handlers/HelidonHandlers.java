import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.socketreaper.testapp.corpus.Handlers;
import java.util.concurrent.CountDownLatch;

/** Helidon 4: handlers on virtual threads that send one event and wait for the next one, which never comes. */
public class HelidonHandlers {
    private static final CountDownLatch NEXT_EVENT = new CountDownLatch(1);

    static final class Orders {
        static void answer(ServerRequest request, ServerResponse response) throws Exception {
            try (var out = response.outputStream()) {
                out.write(Handlers.event());
                out.flush();
                NEXT_EVENT.await();
            }
        }
    }

    static final class Invoices {
        static void answer(ServerRequest request, ServerResponse response) throws Exception {
            try (var out = response.outputStream()) {
                out.write(Handlers.event());
                out.flush();
                NEXT_EVENT.await();
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        var server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .routing(routing -> routing.get("/orders", Orders::answer).get("/invoices", Invoices::answer))
                .build()
                .start();
        Handlers.serve(server.port());
    }
}
