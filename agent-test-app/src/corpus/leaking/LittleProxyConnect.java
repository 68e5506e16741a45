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
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        var silent = new InetSocketAddress("127.0.0.1", Integer.parseInt(upstream.inputReader().readLine()));
        var proxy = DefaultHttpProxyServer.bootstrap().withAddress(new InetSocketAddress("127.0.0.1", 0))
                .withIdleConnectionTimeout(2)
                .withChainProxyManager((request, proxies) ->
                        proxies.add(new ChainedProxyAdapter() {
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
        clients(proxy.getListenAddress().getPort(), 1, "");
        run.baseline();

        clients(proxy.getListenAddress().getPort(), run.connections(), "CONNECT 127.0.0.1:443 HTTP/1.1\\r\\n\\r\\n");
        run.await("the tunnels' upstream sides", () -> run.held() > run.connections());
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static void clients(int port, int count, String request) throws Exception {
        var clients = new ProcessBuilder("python3", "src/corpus/peers/say_and_leave.py", "" + port, "" + count, request, "")
                .inheritIO().start();
        if (clients.waitFor() != 0) {
            throw new IllegalStateException("the clients failed");
        }
    }
}
