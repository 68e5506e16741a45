import io.socketreaper.testapp.corpus.CorpusRun;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.AbstractHandler;
import org.eclipse.jetty.util.log.Log;
import org.eclipse.jetty.util.log.StdErrLog;

/**
 * Jetty 9.4.11.v20180605, https://github.com/jetty/jetty.project/issues/2530 (fixed in 9.4.12).
 *
 * <p>Having refused an upload that it did not read, Jetty closes the connection but does not wake up its selector, so that
 * the key is not deregistered and the descriptor stays until the selector has something else to do. Here each of several
 * selectors serves one upload of a Python client and is then left in peace. Kind: closed-not-released.
 */
public class JettyCloseNoWakeup {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("JettyCloseNoWakeup", arguments);
        Log.setLog(new StdErrLog());
        var warm = serve(1);
        clients(warm, 1, "GET /hello HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n", "\\r\\n\\r\\n");
        warm.stop();
        var server = serve(run.connections());
        run.keep(server);
        run.baseline();

        clients(
                server,
                run.connections(),
                "POST /upload HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 1000000\\r\\n\\r\\nsome bytes",
                "the end");
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static Server serve(int selectors) throws Exception {
        var server = new Server();
        var connector = new ServerConnector(server, 1, selectors);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new AbstractHandler() {
            @Override
            public void handle(String path, Request base, HttpServletRequest request, HttpServletResponse response) {
                base.setHandled(true);
                if (path.equals("/upload")) {
                    lookUpQuota();
                    response.setStatus(413);
                }
            }
        });
        server.start();
        return server;
    }

    /** Takes a moment, in which another thread of Jetty's takes over the selector. */
    private static void lookUpQuota() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }

    /** One that left with the answer might be noticed before Jetty closes, and then it would not close. */
    private static void clients(Server server, int count, String words, String answer) throws Exception {
        var clients = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/say_and_leave.py",
                        "" + server.getURI().getPort(),
                        "" + count,
                        words,
                        answer)
                .inheritIO()
                .start();
        if (clients.waitFor() != 0) {
            throw new IllegalStateException("the clients failed");
        }
    }
}
