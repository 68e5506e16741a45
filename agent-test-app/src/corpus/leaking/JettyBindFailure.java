import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.IOException;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Jetty 9.4.35.v20201120, https://github.com/jetty/jetty.project/issues/5794.
 *
 * <p>{@code ServerConnector.openAcceptChannel} opens a ServerSocketChannel and binds it; if the port is taken, it throws and
 * the channel, a local variable, is lost. Here a Python process holds the port and the connector is opened again and again,
 * as applications do that wait for their port. Kind: unreachable (a server socket, never bound).
 */
public class JettyBindFailure {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("JettyBindFailure", arguments);
        var holder = new ProcessBuilder("python3", "src/corpus/peers/listener.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int taken = Integer.parseInt(holder.inputReader().readLine());

        var connector = new ServerConnector(new Server());
        connector.setHost("127.0.0.1");
        connector.open();
        connector.close();
        connector.setPort(taken);
        run.keep(connector);
        run.baseline();

        for (int i = 0; i < run.connections(); i++) {
            try {
                connector.open();
                run.damaged("bound a port that is taken");
            } catch (IOException inUse) {
                // what the application sees; it tries again
            }
        }
        run.await("the leak", () -> run.held() == run.connections());
        collectNowAndThen();
        run.leaked();
    }

    private static void collectNowAndThen() {
        var collections = new Thread(
                () -> {
                    while (true) {
                        System.gc();
                        try {
                            Thread.sleep(500);
                        } catch (InterruptedException over) {
                            return;
                        }
                    }
                },
                "collections");
        collections.setDaemon(true);
        collections.start();
    }
}
