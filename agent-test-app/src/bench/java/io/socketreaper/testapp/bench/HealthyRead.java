package io.socketreaper.testapp.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The paths of a healthy connection that run through woven methods. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HealthyRead {
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);
    /** One a loopback address: with a single one the ports in TIME_WAIT run out and the kernel's search is what is measured. */
    private final ServerSocketChannel[] listeners = new ServerSocketChannel[64];

    private int turn;
    private SocketChannel client;
    private SocketChannel server;
    private SocketChannel silent;
    private SocketChannel silentPeer;
    private Selector selector;
    private SelectionKey key;

    @Setup
    public void connect() throws IOException {
        for (int i = 0; i < listeners.length; i++) {
            listeners[i] = ServerSocketChannel.open();
            listeners[i].bind(new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (i + 1)}), 0));
        }
        var listener = listeners[0];
        client = SocketChannel.open(listener.getLocalAddress());
        server = listener.accept();
        silent = SocketChannel.open(listener.getLocalAddress());
        silentPeer = listener.accept();
        silent.configureBlocking(false);
        selector = Selector.open();
        key = silent.register(selector, SelectionKey.OP_READ);
    }

    @TearDown
    public void close() throws IOException {
        client.close();
        server.close();
        silent.close();
        silentPeer.close();
        selector.close();
        for (var listener : listeners) {
            listener.close();
        }
    }

    /** The cheapest read there is: non-blocking, nothing to read. Shows an overhead most clearly. */
    @Benchmark
    public int readNothing() throws IOException {
        one.clear();
        return silent.read(one);
    }

    /** One byte written on one end and read, blocking, on the other. */
    @Benchmark
    public int writeAndReadOneByte() throws IOException {
        one.clear();
        client.write(one);
        one.clear();
        return server.read(one);
    }

    /** A whole short connection that ends with a half-close, as HTTP servers end theirs; the only path with an event on it. */
    @Benchmark
    public void connectHalfCloseClose() throws IOException {
        var next = listeners[turn++ % listeners.length];
        try (var opened = SocketChannel.open(next.getLocalAddress());
                var accepted = next.accept()) {
            opened.shutdownOutput();
        }
    }

    /**
     * A whole short connection without a half-close: with track=all an event at each opening and each close. It ends with a
     * reset, so that no port stays in TIME_WAIT.
     */
    @Benchmark
    public void connectClose() throws IOException {
        var next = listeners[turn++ % listeners.length];
        var opened = SocketChannel.open(next.getLocalAddress());
        opened.setOption(StandardSocketOptions.SO_LINGER, 0);
        var accepted = next.accept();
        opened.close();
        accepted.close();
    }

    /** Write interest on and off, as an event loop does under backpressure; woven in setEventOps. */
    @Benchmark
    public int toggleInterest() throws IOException {
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        key.interestOps(SelectionKey.OP_READ);
        return selector.selectNow();
    }
}
