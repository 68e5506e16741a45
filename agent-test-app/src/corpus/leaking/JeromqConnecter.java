import io.socketreaper.testapp.corpus.CorpusRun;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * JeroMQ 0.5.0, https://github.com/zeromq/jeromq/issues/678 (fixed in 0.5.1).
 *
 * <p>{@code TcpConnecter.open} opens a SocketChannel, overwrites it with a second one and connects that: the first is lost at
 * every connect and reconnect. Here ZeroMQ sockets connect to a Python process and are closed again; what they lost stays.
 * Kind: never-connected (and unreachable).
 */
public class JeromqConnecter {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("JeromqConnecter", arguments);
        var peer = new ProcessBuilder("python3", "src/corpus/peers/listener.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var address = "tcp://127.0.0.1:" + peer.inputReader().readLine();
        var context = new ZContext();
        context.setLinger(0);
        run.keep(context);
        context.destroySocket(context.createSocket(SocketType.PAIR));
        SocketChannel.open().close();
        run.baseline();

        var sockets = new ArrayList<ZMQ.Socket>();
        for (int i = 0; i < run.connections(); i++) {
            var socket = context.createSocket(SocketType.DEALER);
            socket.connect(address);
            sockets.add(socket);
        }
        run.await("the connections", () -> run.held() == 2 * run.connections());
        sockets.forEach(context::destroySocket);
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
