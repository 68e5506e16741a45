import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLSession;
import org.littleshoot.proxy.ActivityTrackerAdapter;
import org.littleshoot.proxy.ChainedProxyAdapter;
import org.littleshoot.proxy.impl.DefaultHttpProxyServer;

/**
 * LittleProxy 1.1.2, https://github.com/adamfisk/LittleProxy/issues/413.
 *
 * <p>A client asks for CONNECT, the proxy stops reading from it and waits for an upstream proxy that accepts the connection
 * and says nothing. The upstream connection is closed after the idle time, the client's is forgotten, its reading off: its
 * end is never seen. Client and silent upstream are Python. Kind: peer-closed.
 */
public class LittleProxyConnect {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("LittleProxyConnect", arguments);
        var upstream = new ProcessBuilder("python3", "src/corpus/peers/listener.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var silent = new InetSocketAddress(
                "127.0.0.1", Integer.parseInt(upstream.inputReader().readLine()));
        var proxy = DefaultHttpProxyServer.bootstrap()
                .withAddress(new InetSocketAddress("127.0.0.1", 0))
                .withIdleConnectionTimeout(2)
                .withChainProxyManager((request, proxies) -> proxies.add(new ChainedProxyAdapter() {
                    @Override
                    public InetSocketAddress getChainedProxyAddress() {
                        return silent;
                    }
                }))
                .plusActivityTracker(new ActivityTrackerAdapter() {
                    @Override
                    public void clientDisconnected(InetSocketAddress client, SSLSession none) {
                        run.callback();
                    }
                })
                .start();
        run.keep(proxy);
        int port = proxy.getListenAddress().getPort();
        leave(clients(port, 1, ""));
        run.await("the end of the first client", () -> run.callbacks() == 1);
        run.baseline();

        var clients = clients(port, run.connections(), "CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n");
        run.await("the tunnels' upstream sides", () -> run.held() > run.connections());
        run.await("the end of the last of them", () -> run.held() == run.connections());
        leave(clients);
        run.leaked();
    }

    /** They stay until nobody reads from them any more. */
    private static Process clients(int port, int count, String request) throws Exception {
        return new ProcessBuilder(
                        "python3",
                        "src/corpus/frameworks/peers/stay_then_leave.py",
                        "" + port,
                        "" + count,
                        "plain",
                        request)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void leave(Process clients) throws Exception {
        clients.outputWriter().close();
        if (clients.waitFor() != 0) {
            throw new IllegalStateException("the clients failed");
        }
    }
}
