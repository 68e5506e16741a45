import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Loses three sockets in each of three ways, and from then on opens one more every five seconds, for docs/comparison.md. The
 * peer is a second process, so that a tool shows the sockets of this one only. Prints "ready" when the first ones are lost;
 * ends when it is killed.
 *
 * <pre>
 * javac -d classes FourLeaks.java
 * java -cp classes FourLeaks
 * </pre>
 */
public final class FourLeaks {
    private static final int EACH = 3;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final List<SocketChannel> FORGOTTEN = new ArrayList<>();
    private static final List<SocketChannel> GROWING = new ArrayList<>();

    private FourLeaks() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2) {
            peer(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
            return;
        }
        try (var selector = Selector.open();
                var mails = listen();
                var quiet = listen()) {

            var peer = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "FourLeaks",
                            Integer.toString(port(mails)),
                            Integer.toString(port(quiet)))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            int peersPort = Integer.parseInt(peer.inputReader().readLine());
            for (int i = 0; i < EACH; i++) {
                halfClosed(mails.accept(), selector);
                FORGOTTEN.add(quiet.accept());
                dropped(peersPort);
            }
            peer.inputReader().readLine(); // it has left the first six
            System.out.println("ready: process " + ProcessHandle.current().pid());
            System.out.flush();
            for (int second = 0; peer.isAlive(); second++) {
                if (second % 5 == 0) {
                    growing(peersPort);
                    System.gc(); // as happens now and then
                }
                selector.select(1000);
            }
        }
    }

    /** Refuses a mail, half-closes, stops reading, and forgets the channel. */
    private static void halfClosed(SocketChannel client, Selector selector) throws IOException {
        client.read(ByteBuffer.allocate(100));
        client.configureBlocking(false);
        SelectionKey key = client.register(selector, SelectionKey.OP_READ);
        client.write(ByteBuffer.wrap("552 user quota exceeded\r\n".getBytes(StandardCharsets.US_ASCII)));
        client.shutdownOutput();
        key.interestOps(0);
    }

    private static void dropped(int port) throws IOException {
        SocketChannel.open(new InetSocketAddress(LOOPBACK, port));
    }

    private static void growing(int port) throws IOException {
        GROWING.add(SocketChannel.open(new InetSocketAddress(LOOPBACK, port)));
    }

    private static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
    }

    private static int port(ServerSocketChannel server) {
        return server.socket().getLocalPort();
    }

    /** Three mail clients that answer a refusal with six bytes and leave, three that leave, and a server that stays. */
    private static void peer(int mails, int quiet) throws Exception {
        try (var server = listen()) {
            System.out.println(port(server));
            System.out.flush();
            var accepted = new ArrayList<SocketChannel>();
            var acceptor = new Thread(() -> {
                try {
                    while (true) {
                        accepted.add(server.accept());
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            acceptor.setDaemon(true);
            acceptor.start();
            for (int i = 0; i < EACH; i++) {
                try (var client = new Socket(LOOPBACK, mails)) {
                    client.getOutputStream().write("MAIL\r\n".getBytes(StandardCharsets.US_ASCII));
                    while (client.getInputStream().read() >= 0) {
                        // up to the end of the refusal
                    }
                    client.getOutputStream().write("RSET\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                new Socket(LOOPBACK, quiet).close();
            }
            System.out.println("left");
            System.out.flush();
            System.in.read(); // until the other process ends
        }
    }
}
