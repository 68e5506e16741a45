import io.socketreaper.testapp.corpus.Handlers;
import java.nio.ByteBuffer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Jetty 12: handlers that write the first part of an answer and never complete their callback. */
public class JettyHandlers {
    static final class Orders {
        static void answer(Response response) {
            response.write(false, ByteBuffer.wrap(Handlers.event()), Callback.NOOP);
        }
    }

    static final class Invoices {
        static void answer(Response response) {
            response.write(false, ByteBuffer.wrap(Handlers.event()), Callback.NOOP);
        }
    }

    public static void main(String[] arguments) throws Exception {
        var server = new Server();
        var connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                if (request.getHttpURI().getPath().equals("/orders")) {
                    Orders.answer(response);
                } else {
                    Invoices.answer(response);
                }
                return true;
            }
        });
        server.start();
        Handlers.serve(connector.getLocalPort());
    }
}
