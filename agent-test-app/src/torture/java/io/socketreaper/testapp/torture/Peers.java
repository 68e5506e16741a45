package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.Tls;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;

/** The other side of all connections, in a JVM without the agent. */
final class Peers implements Closeable {
    private static final int BACKLOG = 512;
    private static final int WINDOW = 16 * 1024;

    private final SSLContext tls;
    private final Path directory;
    private final IntFunction<Plan> plans;
    private final Consumer<SideResult> told;
    private final ServerSocket sockets = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final ServerSocketChannel unix;
    /** Peers that wait until the leak on the other side is over. */
    private final Map<Integer, TestSocket> lines = new ConcurrentHashMap<>();

    private final Set<Integer> left = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private interface Opening {
        TestSocket open() throws IOException;
    }

    private interface Acceptor {
        TestSocket accept() throws IOException;
    }

    Peers(Path directory, IntFunction<Plan> plans, Consumer<SideResult> told)
            throws IOException, GeneralSecurityException {
        this.directory = directory;
        this.plans = plans;
        this.told = told;
        tls = Tls.context(directory.resolve("keys"));
        unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve("peers")), BACKLOG);
        accept(() -> {
            var socket = sockets.accept();
            return StreamTestSocket.plain(socket, socket);
        });
        accept(() -> new ChannelTestSocket(unix.accept()));
    }

    int port() {
        return sockets.getLocalPort();
    }

    private void accept(Acceptor acceptor) {
        start("peers' listener", () -> {
            try {
                while (true) {
                    var line = acceptor.accept();
                    start("peer", () -> accepted(line));
                }
            } catch (IOException e) {
                if (!closed) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
    }

    private void accepted(TestSocket line) {
        try {
            var header = Header.read(line);
            var plan = plans.apply(header.number());
            play(
                    plan,
                    header.backend(),
                    () -> line instanceof StreamTestSocket stream
                                    && plan.stack().isTls()
                            ? StreamTestSocket.of(plan.stack(), stream.below(), stream.below(), tls, false)
                            : line);
        } catch (IOException e) {
            // The application has lost a connection before it was one; it tells of it.
        }
    }

    /** Connects to the application, by the listener of the plan's stack. */
    void connect(Plan plan, Map<Stack.Listener, Integer> listeners) {
        start(
                "peer " + plan.number(),
                () -> play(plan, false, () -> {
                    var header = new Header(plan.number(), false);
                    if (plan.stack().isUnix()) {
                        var line = new ChannelTestSocket(
                                SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("application"))));
                        header.write(line);
                        return line;
                    }
                    var socket = new Socket();
                    if (plan.window() > 0) {
                        socket.setReceiveBufferSize(WINDOW);
                    }
                    socket.connect(new InetSocketAddress(
                            InetAddress.getLoopbackAddress(),
                            listeners.get(plan.stack().listener())));
                    header.write(StreamTestSocket.plain(socket, socket));
                    return StreamTestSocket.of(plan.stack(), socket, socket, tls, true);
                }));
    }

    private void play(Plan plan, boolean backend, Opening opening) {
        List<Step> steps = backend ? plan.backend() : plan.peer();
        var role = backend ? "backend" : "peer";
        SideResult result;
        try {
            var line = opening.open();
            if (steps.get(steps.size() - 1) instanceof Step.Listen) {
                lines.put(plan.number(), line);
            }
            // What a relay's backend sends and hears is what the application and the peer would.
            var actor = new Actor(
                    line,
                    backend ? plan.fromApp() : plan.fromPeer(),
                    backend ? plan.fromPeer() : plan.fromApp(),
                    backend ? plan.promisedByPeer() : plan.promisedByApp(),
                    IdleMeter.ofPeer());
            result = actor.play(plan.number(), role, steps);
        } catch (IOException | RuntimeException e) {
            result =
                    new SideResult(plan.number(), role, SideResult.Kind.FAILED, false, 0, 0, 0, "could not open: " + e);
        }
        lines.remove(plan.number());
        // What it reads after that is how its own TLS takes the reset.
        told.accept(left.contains(plan.number()) ? result.as(SideResult.Kind.DONE) : result);
    }

    /** The application's leak is over: the peer that listens beside it may end. */
    void over(int number) {
        var line = lines.remove(number);
        if (line != null) {
            left.add(number);
            try (line) {
                line.reset();
            } catch (IOException | RuntimeException e) {
                // It has gone by itself.
            }
        }
    }

    private static void start(String name, Runnable task) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        sockets.close();
        unix.close();
        List.copyOf(lines.keySet()).forEach(this::over);
    }
}
