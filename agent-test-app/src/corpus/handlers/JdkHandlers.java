import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.socketreaper.testapp.corpus.Handlers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The JDK's own HTTP server: handlers that neither end their answer nor close the exchange. */
public class JdkHandlers {
    static final class Orders {
        static void answer(HttpExchange exchange) throws IOException {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(Handlers.event());
            exchange.getResponseBody().flush();
        }
    }

    static final class Invoices {
        static void answer(HttpExchange exchange) throws IOException {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(Handlers.event());
            exchange.getResponseBody().flush();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/orders", Orders::answer);
        server.createContext("/invoices", Invoices::answer);
        server.start();
        Handlers.serve(server.getAddress().getPort());
    }
}
