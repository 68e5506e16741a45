import io.socketreaper.testapp.corpus.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/** Undertow: handlers on a worker thread that begin an answer and never end the exchange. */
public class UndertowHandlers {
    static final class Orders {
        static void answer(HttpServerExchange exchange) throws IOException {
            exchange.startBlocking();
            exchange.getOutputStream().write(Handlers.event());
            exchange.getOutputStream().flush();
        }
    }

    static final class Invoices {
        static void answer(HttpServerExchange exchange) throws IOException {
            exchange.startBlocking();
            exchange.getOutputStream().write(Handlers.event());
            exchange.getOutputStream().flush();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var server = Undertow.builder()
                .setIoThreads(1)
                .setWorkerThreads(1)
                .addHttpListener(0, "127.0.0.1")
                .setHandler(exchange -> exchange.dispatch(() -> answer(exchange)))
                .build();
        server.start();
        Handlers.serve(((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort());
    }

    private static void answer(HttpServerExchange exchange) {
        try {
            if (exchange.getRequestPath().equals("/orders")) {
                Orders.answer(exchange);
            } else {
                Invoices.answer(exchange);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
