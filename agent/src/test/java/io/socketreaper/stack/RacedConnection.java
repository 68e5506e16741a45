package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Evidence;
import io.socketreaper.model.Judge;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The short life of one connection on which five actors and an event loop set to at the same moment: the peer, two
 * readers, a meddler that half-closes, pauses, resumes, shuts and closes, and the agent. The peer sends a piece of a long
 * random string, so what was read and what was discarded tells where in the stream it stood.
 */
public final class RacedConnection {
    private static final int LONGEST_STREAM = 200_000;
    private static final byte[] STREAMS = new byte[2 * LONGEST_STREAM];
    private static final int MOST_READS = 24;
    private static final int READERS = 2;
    private static final Reading[] IN_BLOCKING_MODE = Arrays.stream(Reading.values())
            .filter(r -> r.needsBlockingMode() && r.isKnownHere())
            .toArray(Reading[]::new);
    private static final Reading[] IN_NON_BLOCKING_MODE = {
        Reading.NON_BLOCKING, Reading.DIRECT_BUFFER, Reading.SCATTERING
    };

    static {
        new Random(4711).nextBytes(STREAMS);
    }

    /** What happened, over all connections. */
    public static final class Counts {
        public final LongAdder connections = new LongAdder();
        public final LongAdder claims = new LongAdder();
        final LongAdder claimsRefused = new LongAdder();
        public final LongAdder drainsWithBytes = new LongAdder();
        final LongAdder drainsToTheEnd = new LongAdder();
        final LongAdder bytesDiscarded = new LongAdder();
        final LongAdder closedDuringDrain = new LongAdder();
        final LongAdder lockBusyDuringDrain = new LongAdder();
        final LongAdder readsWithBytes = new LongAdder();
        public final LongAdder readsFailedAfterClaim = new LongAdder();

        @Override
        public String toString() {
            return "connections " + connections + ", claims " + claims + " (refused " + claimsRefused
                    + "), drains with bytes "
                    + drainsWithBytes + ", drains to the end " + drainsToTheEnd + ", bytes discarded " + bytesDiscarded
                    + ", closed during drain " + closedDuringDrain + ", lock busy during drain " + lockBusyDuringDrain
                    + ", reads with bytes " + readsWithBytes + ", reads failed after a claim " + readsFailedAfterClaim;
        }
    }

    private enum PeerEnd {
        FIN,
        RESET,
        STAYS_OPEN
    }

    public final TcpConnection connection;

    private final Counts counts;
    private final long seed;
    private final boolean blocking;
    private final SelectionKey key;
    private final Selector selector;
    private final int start;
    private final int length;
    private final PeerEnd peerEnd;
    /** What each reader got, in its own order; the last one is the event loop's. Guarded by itself. */
    private final List<List<byte[]>> taken = new ArrayList<>();

    private final ByteArrayOutputStream discarded = new ByteArrayOutputStream();

    private volatile boolean condemned;
    private volatile boolean inputShut;
    private volatile boolean agentDone;
    private volatile boolean endSeen;
    private int sent;
    private boolean finSent;

    public RacedConnection(ServerSocketChannel server, Selector selector, long seed, Counts counts) throws IOException {
        this.connection = TcpConnection.accept(server);
        this.selector = selector;
        this.seed = seed;
        this.counts = counts;
        Random random = random(0);
        start = random.nextInt(LONGEST_STREAM);
        length = 1
                + random.nextInt(
                        switch (random.nextInt(4)) {
                            case 0 -> 4_000;
                            case 1 -> LONGEST_STREAM;
                            default -> 64;
                        });
        peerEnd = random.nextInt(8) == 0 ? PeerEnd.RESET : random.nextBoolean() ? PeerEnd.FIN : PeerEnd.STAYS_OPEN;
        for (int i = 0; i <= READERS; i++) {
            taken.add(new ArrayList<>());
        }
        connection.peer.configureBlocking(false);
        blocking = random.nextBoolean();
        connection.ours.configureBlocking(blocking);
        boolean registered = !blocking && random.nextInt(4) > 0;
        key = registered ? connection.ours.register(selector, random.nextInt(2) * SelectionKey.OP_READ, this) : null;
        selector.wakeup();
        counts.connections.increment();
    }

    private Random random(int actor) {
        return new Random(seed * 31 + actor);
    }

    // -- The peer

    public void peer() throws IOException {
        Random random = random(1);
        try {
            while (sent < length) {
                int chunk = 1 + random.nextInt(length - sent);
                int count = connection.peer.write(ByteBuffer.wrap(STREAMS, start + sent, chunk));
                sent += count;
                if (count == 0 && agentDone) {
                    // nobody will ever take the rest
                    break;
                }
                dawdle(random, 20);
            }
            while (peerEnd == PeerEnd.STAYS_OPEN && !agentDone) {
                Thread.onSpinWait();
                Thread.yield();
            }
            if (peerEnd == PeerEnd.RESET) {
                connection.peer.setOption(StandardSocketOptions.SO_LINGER, 0);
                connection.peer.close();
            } else {
                finSent = true;
                connection.peer.shutdownOutput();
            }
        } catch (IOException resetByOurClose) {
            connection.peer.close();
        }
    }

    // -- The application

    public void reader(int number) {
        Random random = random(2 + number);
        dawdle(random, 200);
        int reads = random.nextInt(MOST_READS);
        for (int i = 0; i < reads && (connection.ours.isOpen() || random.nextBoolean()); i++) {
            Reading[] readings = blocking ? IN_BLOCKING_MODE : IN_NON_BLOCKING_MODE;
            if (!read(
                    readings[random.nextInt(readings.length)],
                    number,
                    1 + random.nextInt(random.nextBoolean() ? 8 : 50_000))) {
                return;
            }
            dawdle(random, 20);
        }
    }

    /** On the event loop's thread, which ends with this connection at the latest when it deregisters it. */
    public void readable(Random random) {
        boolean goOn = read(Reading.NON_BLOCKING, READERS, 1 + random.nextInt(10_000));
        if (!goOn || random.nextInt(4) == 0) {
            interestOps(0);
        }
    }

    /** False at the end of input. */
    private boolean read(Reading reading, int log, int atMost) {
        boolean condemnedBefore = condemned;
        byte[] bytes;
        try {
            bytes = reading.read(connection.ours, atMost);
        } catch (IOException failed) {
            if (condemnedBefore) {
                assertFalse(failed instanceof SocketTimeoutException, "a read waited after the claim");
                counts.readsFailedAfterClaim.increment();
            }
            return true;
        }
        boolean end = bytes == Reading.END_OF_INPUT;
        boolean ownDoing = end && inputShut;
        // The peer's end may still be told: then no byte of its input may be missing, see end().
        assertTrue(
                !condemnedBefore || ownDoing || end && finSent,
                () -> reading + " returned " + (end ? "the end of input" : bytes.length + " bytes")
                        + " after the claim");
        if (end) {
            if (!ownDoing) {
                endSeen = true;
            }
            return false;
        }
        if (bytes.length > 0) {
            counts.readsWithBytes.increment();
            synchronized (taken) {
                List<byte[]> mine = taken.get(log);
                mine.add(bytes);
                return mine.size() < MOST_READS;
            }
        }
        return true;
    }

    public void meddler() throws IOException {
        Random random = random(4);
        dawdle(random, 100);
        try {
            if (random.nextInt(16) > 0) {
                connection.ours.shutdownOutput();
            }
            for (int i = random.nextInt(8); i > 0; i--) {
                interestOps(random.nextInt(2) * SelectionKey.OP_READ);
                dawdle(random, 100);
            }
            if (random.nextInt(10) == 0) {
                inputShut = true;
                connection.ours.shutdownInput();
            }
            dawdle(random, 400);
            if (random.nextInt(3) == 0) {
                // Who wakes up interrupts those who spin, wherever they are: the agent between a check and a use, say.
                LockSupport.parkNanos(random.nextInt(1_000_000));
                connection.ours.close();
                selector.wakeup();
            }
        } catch (IOException closedByTheAgent) {
            // the application has lost this race
        }
    }

    private void interestOps(int ops) {
        if (key != null) {
            try {
                key.interestOps(ops);
                selector.wakeup();
            } catch (CancelledKeyException closed) {
                // nothing to pause or to resume
            }
        }
    }

    // -- The agent

    public void agent() throws IOException {
        Random random = random(5);
        try {
            dawdle(random, 200);
            // Half of the lives with what the judge says, half with no mercy at all.
            Predicate<SocketSnapshot> leaked =
                    random.nextBoolean() ? RacedConnection::isLeak : snapshot -> !snapshot.isGone();
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(10));
            Claim claim = null;
            while (claim == null && System.nanoTime() - deadline < 0 && connection.ours.isOpen()) {
                SocketSnapshot snapshot = connection.handle.snapshot();
                assertTrue(
                        snapshot.hold() != SocketSnapshot.Holder.OPEN || snapshot.tcpState() != TcpState.UNKNOWN,
                        "the kernel knows the socket");
                claim = connection.handle.claim(leaked);
                if (claim == null) {
                    counts.claimsRefused.increment();
                    dawdle(random, 20);
                }
            }
            if (claim != null) {
                // One that the application is closing is not condemned: a read may still be let in until the JDK has
                // come to its state.
                condemned = claim.snapshot().hold() == SocketSnapshot.Holder.OPEN;
                counts.claims.increment();
                release(claim, random);
            }
        } finally {
            agentDone = true;
        }
    }

    private static boolean isLeak(SocketSnapshot snapshot) {
        return Judge.judge(new Evidence(snapshot, 2, 1, false)).isLeak();
    }

    private void release(Claim claim, Random random) throws IOException {
        if (random.nextInt(4) > 0) {
            drain(claim, random);
        }
        claim.close();
        if (random.nextBoolean()) {
            claim.close();
        }
        // Two are put off where the owner waits for input.
        for (int i = 0; i < 2 && !claim.isClosed(); i++) {
            claim.close();
        }
        assertEquals(Claim.CLOSED_MEANWHILE, claim.read(ByteBuffer.allocateDirect(8)), "a read after the close");
    }

    private void drain(Claim claim, Random random) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 + random.nextInt(random.nextBoolean() ? 16 : 64 * 1024));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(5));
        int count = Claim.NOTHING_NOW;
        try {
            while (System.nanoTime() - deadline < 0 && count != Claim.END_OF_INPUT && count != Claim.CLOSED_MEANWHILE) {
                count = claim.read(buffer.clear());
                if (count > 0) {
                    var bytes = new byte[count];
                    buffer.flip().get(bytes);
                    discarded.writeBytes(bytes);
                } else if (count == Claim.BUSY) {
                    counts.lockBusyDuringDrain.increment();
                    Thread.yield();
                }
            }
            if (count == Claim.END_OF_INPUT) {
                counts.drainsToTheEnd.increment();
            } else if (count == Claim.CLOSED_MEANWHILE) {
                counts.closedDuringDrain.increment();
            }
        } catch (IOException reset) {
            // Anything else, such as a bad descriptor, would tell of a number that was no longer ours.
            assertEquals("Connection reset", reset.getMessage());
        }
        counts.bytesDiscarded.add(discarded.size());
        if (discarded.size() > 0) {
            counts.drainsWithBytes.increment();
        }
    }

    // -- The end

    /** After all actors have stopped. */
    public void end() throws IOException {
        connection.ours.close();
        selector.wakeup();
        connection.peer.close();
        connection.awaitRelease();
        synchronized (taken) {
            int read = taken.stream()
                    .flatMap(List::stream)
                    .mapToInt(bytes -> bytes.length)
                    .sum();
            int from = start + read;
            // Law 1: what was discarded follows everything that was read, without a gap, and nothing was read after it.
            assertArrayEquals(
                    Arrays.copyOfRange(STREAMS, from, from + discarded.size()),
                    discarded.toByteArray(),
                    "the discarded bytes do not follow the " + read + " bytes read");
            assertTrue(isTiled(new int[taken.size()], start), "the bytes read have a hole");
            if (endSeen) {
                assertEquals(
                        0, discarded.size(), "bytes were discarded, yet the application saw a normal end of input");
                assertTrue(finSent, "an end of input that the peer did not send");
                assertEquals(sent, read, "bytes were missing, yet the application saw a normal end of input");
            }
        }
    }

    /** True if the pieces of all readers, each reader's in its order, make up the stream from here on. */
    private boolean isTiled(int[] next, int position) {
        boolean done = true;
        for (int reader = 0; reader < next.length; reader++) {
            List<byte[]> pieces = taken.get(reader);
            if (next[reader] < pieces.size()) {
                done = false;
                byte[] piece = pieces.get(next[reader]);
                if (Arrays.equals(STREAMS, position, position + piece.length, piece, 0, piece.length)) {
                    next[reader]++;
                    if (isTiled(next, position + piece.length)) {
                        return true;
                    }
                    next[reader]--;
                }
            }
        }
        return done;
    }

    /** Nothing, a moment, or a turn for somebody else, so that the actors meet at ever other points. */
    private static void dawdle(Random random, int most) {
        for (int spins = random.nextInt(4) * random.nextInt(most); spins > 0; spins--) {
            Thread.onSpinWait();
        }
        if (random.nextInt(8) == 0) {
            Thread.yield();
        }
    }

    @Override
    public String toString() {
        return "connection of seed " + seed + " ("
                + (blocking ? "blocking" : key != null ? "registered" : "non-blocking") + ", " + length
                + " bytes, peer " + peerEnd + ")";
    }
}
