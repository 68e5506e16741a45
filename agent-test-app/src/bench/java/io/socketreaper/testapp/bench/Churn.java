package io.socketreaper.testapp.bench;

import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Locale;

/**
 * Opens, accepts and closes connections in blocks of some 30 ms, by turns with the agent's hook connected and with it
 * disconnected, in one JVM: whatever else the machine does falls on both alike. What the woven code costs by being there this
 * cannot show; for that a whole JVM has the agent or not. Started by {@link Bench}.
 */
final class Churn {
    /** Enough that what an agent uses is in the cache, as where it is always on; not so many that the machine changes. */
    private static final int BLOCK = 500;

    private static final String HOOK = "sun.nio.ch.SocketReaperHook";

    /** A listener of one of the JDK's blocking stacks. */
    private interface Api extends Closeable {
        /**
         * Opens, accepts and closes one connection; one end may read the end of its input before. It ends with a reset, so that no
         * port stays in TIME_WAIT.
         */
        void connect() throws IOException;
    }

    private record Channels(ServerSocketChannel listener, boolean reads) implements Api {
        @Override
        public void connect() throws IOException {
            var opened = SocketChannel.open(listener.getLocalAddress());
            if (reads) {
                var accepted = listener.accept();
                accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
                opened.close();
                expectEnd(accepted.read(ByteBuffer.allocate(1)));
                accepted.close();
                return;
            }
            opened.setOption(StandardSocketOptions.SO_LINGER, 0);
            var accepted = listener.accept();
            opened.close();
            accepted.close();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private record Sockets(ServerSocket listener, boolean reads) implements Api {
        @Override
        public void connect() throws IOException {
            var opened = new Socket(listener.getInetAddress(), listener.getLocalPort());
            if (reads) {
                var accepted = listener.accept();
                accepted.setSoLinger(true, 0);
                opened.close();
                expectEnd(accepted.getInputStream().read());
                accepted.close();
                return;
            }
            opened.setSoLinger(true, 0);
            var accepted = listener.accept();
            opened.close();
            accepted.close();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private Churn() {}

    private static void expectEnd(int read) {
        if (read != -1) {
            throw new IllegalStateException("read returned " + read);
        }
    }

    /** @param arguments how many pairs; the API; {@code whole} if the JVM is one of a pair itself, with an agent or without */
    public static void main(String[] arguments) throws Exception {
        int pairs = Integer.parseInt(arguments[0]);
        var loopback = InetAddress.getLoopbackAddress();
        boolean reads = arguments[1].endsWith("-read");
        try (Api api = arguments[1].startsWith("socket")
                ? new Sockets(new ServerSocket(0, 50, loopback), reads)
                : new Channels(ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0)), reads)) {
            // The stacks' self-tests come first; then the compiler has seen everything.
            long warm = System.nanoTime() + 5_000_000_000L;
            while (System.nanoTime() - warm < 0) {
                block(api);
            }
            if (arguments.length > 2) {
                double[] all = new double[pairs];
                for (int i = 0; i < pairs; i++) {
                    all[i] = block(api);
                }
                System.out.println(median(all));
                return;
            }
            Field delegate = Class.forName(HOOK).getDeclaredField("delegate");
            delegate.setAccessible(true);
            Object agent = delegate.get(null);
            if (agent == null) {
                throw new IllegalStateException("no agent is active in this JVM");
            }
            double[] without = new double[pairs];
            double[] with = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                // Who is first changes, so that neither always comes after the other's garbage.
                for (int turn = 0; turn < 2; turn++) {
                    boolean connected = (i + turn) % 2 == 0;
                    delegate.set(null, connected ? agent : null);
                    (connected ? with : without)[i] = block(api);
                }
            }
            delegate.set(null, agent);
            print(without, with);
        }
    }

    /** Nanoseconds a connection. */
    private static double block(Api api) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < BLOCK; i++) {
            api.connect();
        }
        return (System.nanoTime() - start) / (double) BLOCK;
    }

    /**
     * Two pairs make a ratio: with, without, without, with. In it neither tells how fast the machine was then, nor which block came
     * first.
     */
    private static void print(double[] without, double[] with) {
        double[] ratios = new double[with.length / 2];
        Arrays.setAll(ratios, i -> (without[2 * i] + without[2 * i + 1]) / (with[2 * i] + with[2 * i + 1]));
        double sums = Arrays.stream(without).sum() / Arrays.stream(with).sum();
        System.out.printf(
                Locale.ROOT,
                "%d times two blocks of %d connections each: without %.0f ns, with %.0f ns (medians); rate with /"
                        + " without: %.3f (median), %.3f by sums%n",
                ratios.length,
                BLOCK,
                median(without),
                median(with),
                median(ratios),
                sums);
    }

    private static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
