package io.socketreaper.stack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.TcpState;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.nio.NioSocket;
import io.socketreaper.stack.nio.NioStack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** A real connection over loopback: our end, which the application half-closes and forgets, and the peer's. */
public final class TcpConnection implements AutoCloseable {
    /** What the server of the founding story says before it stops reading. */
    public static final String REPLY = "552 5.2.2 user quota exceeded\r\n";
    /** What its client answers, and nobody reads. */
    public static final String UNREAD = "RSET\r\n";

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Selections SELECTIONS = new Selections(Clock.SYSTEM, () -> {});
    private static final NioStack STACK = resolved();

    public final SocketChannel ours;
    public final SocketChannel peer;
    public final NioSocket handle;
    /** The descriptor of our end, and what it refers to. */
    public final int descriptor;

    public final String link;

    private TcpConnection(SocketChannel ours, SocketChannel peer) {
        this.ours = ours;
        this.peer = peer;
        this.handle = handleOf(ours);
        this.descriptor = STACK.numberOf(ours);
        this.link = new ProcDescriptors(Clock.SYSTEM).link(descriptor);
    }

    private static NioStack resolved() {
        var stack = new NioStack(new ProcDescriptors(Clock.SYSTEM), SELECTIONS);
        try {
            stack.resolve();
            stack.proven();
        } catch (ReflectiveOperationException unknownJdk) {
            throw new ExceptionInInitializerError(unknownJdk);
        }
        return stack;
    }

    public static NioStack stack() {
        return STACK;
    }

    /** A selection begins, as the hook tells it. */
    public static void selecting(Selector selector) {
        SELECTIONS.selecting(selector);
    }

    public static NioSocket handleOf(SocketChannel channel) {
        return (NioSocket) STACK.handle(channel);
    }

    public static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
    }

    /** A connection whose two ends are open; in blocking mode. */
    public static TcpConnection open() throws IOException {
        try (ServerSocketChannel server = listen()) {
            return accept(server);
        }
    }

    static TcpConnection accept(ServerSocketChannel server) throws IOException {
        SocketChannel peer = SocketChannel.open(server.getLocalAddress());
        return new TcpConnection(server.accept(), peer);
    }

    /** The founding story up to the half-close: the reply is sent and acknowledged, six bytes of the peer's wait unread. */
    public static TcpConnection halfClosed() throws IOException {
        TcpConnection connection = open();
        write(connection.ours, REPLY);
        write(connection.peer, UNREAD);
        connection.ours.shutdownOutput();
        connection.awaitUnread(UNREAD.length());
        // The peer's kernel may take some 40 ms to acknowledge the FIN.
        await("FIN acknowledged", () -> connection.handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
        return connection;
    }

    public void awaitUnread(int bytes) {
        await(bytes + " bytes unread", () -> handle.snapshot().unreadBytes() == bytes);
    }

    /** The peer's kernel resets the connection: ours gets a RST instead of a FIN. */
    public void resetByPeer() throws IOException {
        peer.setOption(StandardSocketOptions.SO_LINGER, 0);
        peer.close();
    }

    /** True as long as the descriptor refers to our end's socket. */
    public boolean isHeld() {
        return link.equals(new ProcDescriptors(Clock.SYSTEM).link(descriptor));
    }

    public void awaitRelease() {
        await("descriptor of " + link + " gone", () -> !isHeld());
    }

    @Override
    public void close() throws IOException {
        ours.close();
        peer.close();
    }

    public static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = US_ASCII.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Everything up to the end of input; the channel is in blocking mode. */
    public static byte[] readToEnd(SocketChannel channel) throws IOException {
        var all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(64 * 1024);
        while (channel.read(some) >= 0) {
            all.write(some.array(), 0, some.position());
            some.clear();
        }
        return all.toByteArray();
    }

    /** Polls until it is so; fails after ten seconds. */
    public static void await(String what, Callable<Boolean> condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!condition.call()) {
                assertTrue(System.nanoTime() - deadline < 0, () -> "not within " + PATIENCE + ": " + what);
                LockSupport.parkNanos(200_000);
            }
        } catch (Exception failed) {
            throw new AssertionError(what, failed);
        }
    }
}
