package io.socketreaper.stack.nio;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.stack.Canaries;
import io.socketreaper.stack.RacedConnection;
import io.socketreaper.stack.TcpConnection;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of short connections on which the application, the peer and the agent do everything at once. */
class NioSocketRaceTest {
    private static final int ARENAS = 2;
    private static final int MOST_CONNECTIONS = 5_000;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(10);
    private static final long STUCK = TimeUnit.SECONDS.toNanos(30);

    private final RacedConnection.Counts counts = new RacedConnection.Counts();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Set<String> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong seeds = new AtomicLong();
    private final AtomicLong songs = new AtomicLong();
    private final long endsAt = System.nanoTime() + LONGEST;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    @FunctionalInterface
    private interface Act {
        void run() throws Throwable;
    }

    @FunctionalInterface
    private interface Role {
        void play(RacedConnection connection) throws Throwable;
    }

    @Test
    void noReadSucceedsAfterADiscardAndNoDescriptorIsLostOrClosedTwice(@TempDir Path directory, TestReporter reporter)
            throws Exception {
        Path song = Files.writeString(directory.resolve("song").toAbsolutePath(), Canaries.song())
                .toRealPath();
        try (var canaries = new Canaries(song)) {
            for (int i = 0; i < ARENAS; i++) {
                new Arena().open();
            }
            List<Thread> racing = List.copyOf(threads);
            start("canaries", () -> {
                while (!over) {
                    canaries.singOnce();
                    songs.incrementAndGet();
                }
            });
            join(racing);
            over = true;
            join(threads);
        }

        reporter.publishEntry("raced", counts + ", canary rounds " + songs.get());
        if (!failures.isEmpty()) {
            throw new AssertionError(
                    failures.size() + " failures, the first: " + failures.element(), failures.element());
        }
        links.retainAll(openLinks());
        assertTrue(links.isEmpty(), () -> "descriptors lost: " + links);
        assertTrue(
                songs.get() > 0
                        && counts.claims.sum() > 0
                        && counts.drainsWithBytes.sum() > 0
                        && counts.readsFailedAfterClaim.sum() > 0,
                () -> "there was no race: " + counts);
    }

    /** One listener, one selector, and actors who begin each connection together. */
    private final class Arena {
        private final ServerSocketChannel server = TcpConnection.listen();
        private final Selector selector = Selector.open();
        private CyclicBarrier gate;
        private volatile RacedConnection current;

        Arena() throws IOException {}

        void open() {
            Role[] cast = {
                RacedConnection::peer,
                connection -> connection.reader(0),
                connection -> connection.reader(1),
                RacedConnection::meddler,
                RacedConnection::agent
            };
            gate = new CyclicBarrier(cast.length, this::nextConnection);
            for (Role role : cast) {
                start("actor", () -> act(role));
            }
            start("event loop", this::eventLoop);
        }

        private void act(Role role) throws InterruptedException {
            try {
                gate.await();
                for (RacedConnection connection = current; connection != null; connection = current) {
                    try {
                        role.play(connection);
                    } catch (Throwable failed) {
                        failures.add(new AssertionError(connection.toString(), failed));
                    }
                    gate.await();
                }
            } catch (BrokenBarrierException anotherActorFailed) {
                // and has said so
            }
        }

        /** Runs while all actors wait at the gate. */
        private void nextConnection() {
            RacedConnection last = current;
            current = null;
            try {
                if (last != null) {
                    last.end();
                }
                long seed = seeds.incrementAndGet();
                if (seed <= MOST_CONNECTIONS && System.nanoTime() - endsAt < 0 && failures.isEmpty()) {
                    var next = new RacedConnection(server, selector, seed, counts);
                    links.add(next.connection.link);
                    current = next;
                } else {
                    selector.close();
                    server.close();
                }
            } catch (Throwable failed) {
                failures.add(new AssertionError("after " + last, failed));
                closeQuietly(selector);
            }
        }

        private void eventLoop() throws IOException {
            var random = new Random(7);
            try {
                while (selector.isOpen()) {
                    TcpConnection.selecting(selector);
                    selector.select();
                    for (SelectionKey key : selector.selectedKeys()) {
                        try {
                            if (key.isReadable()) {
                                ((RacedConnection) key.attachment()).readable(random);
                            }
                        } catch (CancelledKeyException closed) {
                            // by the meddler or the agent
                        }
                    }
                    selector.selectedKeys().clear();
                }
            } catch (ClosedSelectorException theEnd) {
                // all connections are through
            }
        }
    }

    private void start(String name, Act act) {
        var thread = new Thread(
                () -> {
                    try {
                        act.run();
                    } catch (Throwable failed) {
                        failures.add(failed);
                    }
                },
                name + " " + threads.size());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Waits for as long as there is progress; a deadlock ends in a thread dump. */
    private void join(List<Thread> all) throws InterruptedException {
        long progress = -1;
        long since = System.nanoTime();
        for (Thread thread : all) {
            while (thread.isAlive()) {
                thread.join(100);
                if (progress != counts.connections.sum()) {
                    progress = counts.connections.sum();
                    since = System.nanoTime();
                }
                if (System.nanoTime() - since > STUCK) {
                    throw new AssertionError(
                            "no progress, " + thread.getName() + " does not end; " + failures + "\n" + dump());
                }
            }
        }
    }

    private static String dump() {
        var text = new StringBuilder();
        for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            text.append(thread);
        }
        return text.toString();
    }

    private static Set<String> openLinks() {
        var open = new HashSet<String>();
        var descriptors = new ProcDescriptors(Clock.SYSTEM);
        for (String name : new File("/proc/self/fd").list()) {
            String link = descriptors.link(Integer.parseInt(name));
            if (link != null) {
                open.add(link);
            }
        }
        return open;
    }

    private static void closeQuietly(Selector selector) {
        try {
            selector.close();
        } catch (IOException alsoFailed) {
            // the first failure is the one to report
        }
    }
}
