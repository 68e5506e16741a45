package io.socketreaper.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class SocketTableTest {
    private static final int BUCKETS = 4096;
    private static final int THREADS = 4;
    private static final int ADDS = 2_000;
    private static final int CROWD = 128;

    private static final List<ImaginarySocket> CROWDED = new ArrayList<>();

    private final World world = new World("");
    private final SocketTable table = new SocketTable(BUCKETS);

    @Test
    void findsTheSuspectOfASocketAndOfNoOther() {
        ImaginarySocket socket = world.socket();
        Suspect suspect = suspect(socket);

        assertNull(table.find(socket));
        assertTrue(table.add(suspect));
        assertSame(suspect, table.find(socket));
        assertNull(table.find(world.socket()));
    }

    @Test
    void takesOneSuspectPerSocket() {
        ImaginarySocket socket = world.socket();
        Suspect first = suspect(socket);
        table.add(first);

        assertFalse(table.add(suspect(socket)));
        assertSame(first, table.find(socket));
    }

    @Test
    void aRemovedSuspectIsGoneAndItsSocketMayComeAgain() {
        ImaginarySocket socket = world.socket();
        Suspect first = suspect(socket);
        table.add(first);
        table.remove(first);
        assertNull(table.find(socket));
        table.remove(first);

        Suspect second = suspect(socket);
        assertTrue(table.add(second));
        assertSame(second, table.find(socket));
    }

    @Test
    void findsEachOfTwoHundredThousand() {
        var sockets = new ArrayList<ImaginarySocket>();
        var suspects = new ArrayList<Suspect>();
        for (int i = 0; i < 200_000; i++) {
            sockets.add(world.socket());
            suspects.add(suspect(sockets.get(i)));
            assertTrue(table.add(suspects.get(i)));
        }
        for (int i = 0; i < sockets.size(); i++) {
            assertSame(suspects.get(i), table.find(sockets.get(i)));
        }
        for (int i = 0; i < sockets.size(); i += 2) {
            table.remove(suspects.get(i));
        }
        for (int i = 0; i < sockets.size(); i++) {
            assertSame(i % 2 == 0 ? null : suspects.get(i), table.find(sockets.get(i)));
        }
    }

    /**
     * In a few crowded chains every thread adds the sockets that stay, as if each were half-closed by several threads at once,
     * and again and again those that leave, which the reaper thread removes as they arrive.
     */
    @RepeatedTest(50)
    void manyThreadsLoseNothing() throws Exception {
        List<ImaginarySocket> stay = CROWDED.subList(0, CROWDED.size() / 2);
        List<ImaginarySocket> leave = CROWDED.subList(CROWDED.size() / 2, CROWDED.size());
        Queue<Suspect> arrivals = new ConcurrentLinkedQueue<>();
        var added = new AtomicInteger();
        var adding = new AtomicInteger(THREADS);
        var start = new CyclicBarrier(THREADS + 1);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
        try {
            var adders = new ArrayList<Future<?>>();
            for (int t = 0; t < THREADS; t++) {
                var random = new Random(t);
                adders.add(threads.submit(() -> {
                    start.await(1, TimeUnit.MINUTES);
                    try {
                        for (int i = 0; i < ADDS; i++) {
                            ImaginarySocket leaving = leave.get(random.nextInt(leave.size()));
                            Suspect suspect = suspect(leaving);
                            if (table.add(suspect)) {
                                added.incrementAndGet();
                                arrivals.add(suspect);
                            }
                            ImaginarySocket staying = stay.get(i % stay.size());
                            table.add(suspect(staying));
                            Suspect found = table.find(staying);
                            assertTrue(found != null && found.socket() == staying);
                        }
                    } finally {
                        adding.decrementAndGet();
                    }
                    return null;
                }));
            }
            Future<Integer> reaper = threads.submit(() -> {
                int removed = 0;
                start.await(1, TimeUnit.MINUTES);
                while (true) {
                    boolean last = adding.get() == 0;
                    for (Suspect suspect = arrivals.poll(); suspect != null; suspect = arrivals.poll()) {
                        assertSame(suspect, table.find(suspect.socket()), "it is there until it is removed");
                        table.remove(suspect);
                        removed++;
                    }
                    if (last) {
                        return removed;
                    }
                    Thread.onSpinWait();
                }
            });
            for (Future<?> adder : adders) {
                adder.get(1, TimeUnit.MINUTES);
            }
            assertEquals(added.get(), reaper.get(1, TimeUnit.MINUTES));
        } finally {
            threads.shutdownNow();
        }

        for (ImaginarySocket socket : leave) {
            assertNull(table.find(socket), "removed ones stay removed");
        }
        for (ImaginarySocket socket : stay) {
            Suspect only = table.find(socket);
            assertSame(socket, only.socket());
            table.remove(only);
            assertNull(table.find(socket), "there was one, however many threads added it");
        }
    }

    @Test
    void aSocketHasAPlainEntryAndASuspectBesideIt() {
        ImaginarySocket socket = world.socket();
        Tracked tracked = tracked(socket);
        table.addNew(tracked);
        assertSame(tracked, table.findAny(socket));
        assertNull(table.find(socket));
        assertFalse(table.isSuspected(tracked));
        assertNull(table.findAny(world.socket()));

        Suspect suspect = suspect(socket);
        assertTrue(table.add(suspect));
        assertSame(suspect, table.find(socket));
        assertTrue(table.isSuspected(tracked));
        table.remove(tracked);
        assertSame(suspect, table.findAny(socket));
        table.remove(suspect);
        assertNull(table.findAny(socket));
    }

    @Test
    void aReleaseIsToldToEverythingThatIsKnownOfTheSocketAndToNothingElse() {
        ImaginarySocket socket = world.socket();
        ImaginarySocket other = world.socket();
        Tracked tracked = tracked(socket);
        Suspect suspect = suspect(socket);
        Tracked bystander = tracked(other);
        var crowded = new SocketTable(1);
        crowded.addNew(tracked);
        crowded.addNew(bystander);
        crowded.add(suspect);
        crowded.release(socket);

        assertTrue(tracked.isReleased());
        assertTrue(suspect.isReleased());
        assertFalse(bystander.isReleased());
    }

    @Test
    void everyChainCanBeWalked() {
        var few = new SocketTable(8);
        var expected = new HashSet<Tracked>();
        for (int i = 0; i < 1000; i++) {
            Tracked tracked = tracked(world.socket());
            few.addNew(tracked);
            expected.add(tracked);
        }

        assertEquals(8, few.buckets());
        assertEquals(expected, new HashSet<>(all(few)));
        assertEquals(expected.size(), all(few).size());
    }

    /**
     * Application threads open, half-close and release sockets in eight chains, while the reaper thread walks them all the
     * time, suspects every second one and takes out what is released. A few sockets stay open throughout.
     */
    @RepeatedTest(50)
    void openingReleasingAndSweepingLoseNothing() throws Exception {
        var few = new SocketTable(8);
        var stay = new ArrayList<Tracked>();
        for (int i = 0; i < 16; i++) {
            stay.add(tracked(world.socket()));
            few.addNew(stay.get(i));
        }
        var opening = new AtomicInteger(THREADS);
        var start = new CyclicBarrier(THREADS + 1);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
        try {
            var openers = new ArrayList<Future<?>>();
            for (int t = 0; t < THREADS; t++) {
                List<ImaginarySocket> sockets = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    sockets.add(world.socket());
                }
                openers.add(threads.submit(() -> {
                    start.await(1, TimeUnit.MINUTES);
                    try {
                        for (ImaginarySocket socket : sockets) {
                            Tracked opened = tracked(socket);
                            few.addNew(opened);
                            Tracked found = few.findAny(socket);
                            assertTrue(found != null && found.socket() == socket, "it is there until it is released");
                            few.add(suspect(socket));
                            assertSame(socket, few.find(socket).socket());
                            for (Tracked one : stay) {
                                assertSame(one, few.findAny(one.socket()), "whatever is taken out beside it");
                            }
                            few.release(socket);
                            assertTrue(opened.isReleased());
                        }
                    } finally {
                        opening.decrementAndGet();
                    }
                    return null;
                }));
            }
            Future<?> reaper = threads.submit(() -> {
                start.await(1, TimeUnit.MINUTES);
                boolean last;
                do {
                    last = opening.get() == 0;
                    for (Tracked tracked : all(few)) {
                        if (tracked.isReleased()) {
                            few.remove(tracked);
                        } else if (!(tracked instanceof Suspect) && tracked.hash() % 2 == 0 && !stay.contains(tracked)) {
                            few.add(suspect((ImaginarySocket) tracked.socket()));
                        }
                    }
                } while (!last);
                return null;
            });
            for (Future<?> opener : openers) {
                opener.get(1, TimeUnit.MINUTES);
            }
            reaper.get(1, TimeUnit.MINUTES);
        } finally {
            threads.shutdownNow();
        }

        var left = new ArrayList<>(all(few));
        left.removeAll(stay);
        // a suspect that was added after its socket was released is found gone at its first look
        assertTrue(left.stream().allMatch(tracked -> tracked instanceof Suspect && !tracked.isReleased()), left::toString);
        assertEquals(left.size(), left.stream().map(Tracked::socket).distinct().count(), "one suspect per socket");
        for (Tracked one : stay) {
            assertSame(one, few.findAny(one.socket()));
        }
    }

    private static List<Tracked> all(SocketTable table) {
        var all = new ArrayList<Tracked>();
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            for (Tracked tracked = table.chain(bucket); tracked != null; tracked = tracked.next) {
                all.add(tracked);
            }
        }
        return all;
    }

    private static Tracked tracked(ImaginarySocket socket) {
        return new Tracked(socket, System.identityHashCode(socket), Origin.NOT_SAMPLED);
    }

    /** Sockets whose identity hashes fall into 8 of the table's chains. */
    @BeforeAll
    static void crowd() {
        var world = new World("");
        while (CROWDED.size() < CROWD) {
            ImaginarySocket socket = world.socket();
            int hash = System.identityHashCode(socket);
            if (((hash ^ hash >>> 16) & BUCKETS - 1) < 8) {
                CROWDED.add(socket);
            }
        }
    }

    private static Suspect suspect(ImaginarySocket socket) {
        return new Suspect(socket, System.identityHashCode(socket), 0, Origin.NOT_SAMPLED, socket.descriptor(), 0);
    }
}
