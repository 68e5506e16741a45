package io.socketreaper.testapp.harness;

import io.socketreaper.testapp.SocketDescriptors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjIntConsumer;

/**
 * Runs in a child JVM and leaks on command, one word a line on standard input, each answered by a line that starts with
 * it. Needs java.base only.
 */
public final class Leaker {
    private static final byte[] LAST_WORD = "RSET\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocketChannel listener;
    private final List<SocketChannel> leaked = new ArrayList<>();
    private final List<SocketChannel> peers = new ArrayList<>();
    private final Semaphore unstalled = new Semaphore(0);
    private final int baseline;

    public Leaker(InetSocketAddress address) throws IOException, InterruptedException {
        SocketDescriptors.warmUp();
        listener = ServerSocketChannel.open().bind(address);
        baseline = SocketDescriptors.settled();
    }

    /** @param arguments a port of 127.0.0.2 to listen on; without one it listens somewhere on 127.0.0.1 */
    public static void main(String[] arguments) throws Exception {
        boolean chosen = arguments.length > 0;
        var address = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (chosen ? 2 : 1)});
        var leaker = new Leaker(new InetSocketAddress(address, chosen ? Integer.parseInt(arguments[0]) : 0));
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (var word = in.readLine(); word != null && !word.equals("end"); word = in.readLine()) {
                leaker.obey(word);
            }
        }
        // Returns: the JVM has to end by itself.
    }

    private void obey(String word) throws IOException {
        System.out.println(word + " "
                + switch (word) {
                    case "leak" -> leak();
                    case "hang" -> hang();
                    case "held" -> SocketDescriptors.count() - baseline;
                    case "port" -> ((InetSocketAddress) listener.getLocalAddress()).getPort();
                    case "read" -> read();
                    case "threads" -> threads();
                    case "pose" -> pose();
                    case "slf4j" -> slf4j();
                    case "woven" -> woven();
                    case "stall" -> stall();
                    case "unstall" -> unstall();
                    default -> throw new IllegalArgumentException(word);
                });
    }

    /** Accepts, half-closes and forgets one connection whose peer had a last word and is gone. */
    public int leak() throws IOException {
        try (var peer = SocketChannel.open(listener.getLocalAddress())) {
            var accepted = listener.accept();
            accepted.configureBlocking(false);
            accepted.shutdownOutput();
            while (peer.read(ByteBuffer.allocate(1)) >= 0) {
                // up to the end
            }
            peer.write(ByteBuffer.wrap(LAST_WORD));
            leaked.add(accepted);
        }
        return leaked.size();
    }

    /** The same with a peer that stays: a drain does not find the end of its input. */
    public int hang() throws IOException {
        var peer = SocketChannel.open(listener.getLocalAddress());
        peers.add(peer);
        var accepted = listener.accept();
        leaked.add(accepted);
        peer.write(ByteBuffer.wrap(LAST_WORD));
        accepted.shutdownOutput();
        return leaked.size();
    }

    /** Closes the peers of those. */
    public int hangUp() throws IOException {
        for (var peer : peers) {
            peer.close();
        }
        return peers.size();
    }

    /** Reads the first leaked connection after all. */
    private String read() {
        try {
            return String.valueOf(leaked.get(0).read(ByteBuffer.allocate(100)));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** {@code name/daemon} of every live thread, separated by commas. */
    private static String threads() {
        var names = new ArrayList<String>();
        for (var thread : Thread.getAllStackTraces().keySet()) {
            names.add(thread.getName() + (thread.isDaemon() ? "/daemon" : "/user"));
        }
        names.sort(null);
        return String.join(",", names);
    }

    /**
     * How many events woven code tells of the whole life of one connection of each API, to a receiver that stands in for
     * the agent's meanwhile. Needs {@code --add-opens=java.base/sun.nio.ch=ALL-UNNAMED} and an agent that is or was here.
     */
    private int woven() throws IOException {
        try {
            var hook = Class.forName("sun.nio.ch.SocketReaperHook");
            var receiver = hook.getDeclaredField("delegate");
            receiver.setAccessible(true);
            var agents = receiver.get(null);
            var told = new AtomicInteger();
            receiver.set(null, (ObjIntConsumer<Object>) (socket, event) -> told.incrementAndGet());
            try {
                hook.getField("traffic").setBoolean(null, true);
                lives();
            } finally {
                receiver.set(null, agents);
            }
            return told.get();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connection of each API from its opening to its close. */
    private void lives() throws IOException {
        try (var channel = SocketChannel.open(listener.getLocalAddress());
                var accepted = listener.accept()) {
            channel.write(ByteBuffer.wrap(LAST_WORD));
            accepted.shutdownOutput();
            accepted.read(ByteBuffer.allocate(LAST_WORD.length));
        }
        try (var socket = new Socket()) {
            socket.connect(listener.getLocalAddress());
            listener.accept().close();
            socket.shutdownOutput();
            socket.getInputStream().read();
        }
        try (var channel = AsynchronousSocketChannel.open()) {
            channel.connect(listener.getLocalAddress()).get();
            listener.accept().close();
            channel.shutdownOutput();
            channel.read(ByteBuffer.allocate(1)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts a thread named like one of the agent's, which never ends. */
    private static String pose() {
        var thread = new Thread(
                () -> {
                    while (true) {
                        LockSupport.park();
                    }
                },
                "socket-reaper-pose");
        thread.setDaemon(true);
        thread.start();
        return thread.getName();
    }

    /** From now on whoever writes to standard error waits. */
    private String stall() {
        var real = System.err;
        System.setErr(new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int octet) {
                        unstalled.acquireUninterruptibly();
                        unstalled.release();
                        real.write(octet);
                    }
                },
                true));
        return "on";
    }

    private String unstall() {
        unstalled.release();
        return "on";
    }

    /** Configures SLF4J's simple provider, then asks for the program's first logger. */
    private static String slf4j() {
        System.setProperty("org.slf4j.simpleLogger.logFile", System.getProperty("leaker.log"));
        try {
            var logger = Class.forName("org.slf4j.LoggerFactory")
                    .getMethod("getLogger", String.class)
                    .invoke(null, "leaker");
            Class.forName("org.slf4j.Logger")
                    .getMethod("info", String.class)
                    .invoke(logger, "the application's first line");
            return "on";
        } catch (ReflectiveOperationException e) {
            return e.toString();
        }
    }
}
