package io.socketreaper.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import java.util.ArrayList;
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

class SuspectTableTest {
    private static final Throwable STACK = new Throwable();
    private static final int THREADS = 4;
    private static final int ADDS = 2_000;
    private static final int CROWD = 128;

    private static final List<ImaginarySocket> CROWDED = new ArrayList<>();

    private final World world = new World("");
    private final SuspectTable table = new SuspectTable();

    @Test
    void findsTheSuspectOfASocketAndOfNoOther() {
        ImaginarySocket socket = world.socket();
        Suspect suspect = suspect(socket);

        assertNull(table.find(socket));
        assertTrue(table.add(suspect, socket));
        assertSame(suspect, table.find(socket));
        assertNull(table.find(world.socket()));
    }

    @Test
    void takesOneSuspectPerSocket() {
        ImaginarySocket socket = world.socket();
        Suspect first = suspect(socket);
        table.add(first, socket);

        assertFalse(table.add(suspect(socket), socket));
        assertSame(first, table.find(socket));
    }

    @Test
    void aRemovedSuspectIsGoneAndItsSocketMayComeAgain() {
        ImaginarySocket socket = world.socket();
        Suspect first = suspect(socket);
        table.add(first, socket);
        table.remove(first);
        assertNull(table.find(socket));
        table.remove(first);

        Suspect second = suspect(socket);
        assertTrue(table.add(second, socket));
        assertSame(second, table.find(socket));
    }

    @Test
    void findsEachOfTwoHundredThousand() {
        var sockets = new ArrayList<ImaginarySocket>();
        var suspects = new ArrayList<Suspect>();
        for (int i = 0; i < 200_000; i++) {
            sockets.add(world.socket());
            suspects.add(suspect(sockets.get(i)));
            assertTrue(table.add(suspects.get(i), sockets.get(i)));
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
                            if (table.add(suspect, leaving)) {
                                added.incrementAndGet();
                                arrivals.add(suspect);
                            }
                            ImaginarySocket staying = stay.get(i % stay.size());
                            table.add(suspect(staying), staying);
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

    /** Sockets whose identity hashes fall into 8 of the table's 4096 chains. */
    @BeforeAll
    static void crowd() {
        var world = new World("");
        while (CROWDED.size() < CROWD) {
            ImaginarySocket socket = world.socket();
            int hash = System.identityHashCode(socket);
            if (((hash ^ hash >>> 16) & 4095) < 8) {
                CROWDED.add(socket);
            }
        }
    }

    private static Suspect suspect(ImaginarySocket socket) {
        return new Suspect(socket, socket.descriptor(), System.identityHashCode(socket), 0, "main", STACK);
    }
}
