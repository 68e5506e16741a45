package io.socketreaper.detect;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketRegistryTest {
    private static final int BUCKETS = 4096;
    private static final int NUMBERS = 4;
    private static final int NO_NUMBER = -1;
    private static final int THREADS = 4;
    private static final int ADDS = 2_000;
    private static final int CROWD = 128;

    private static final List<ImaginarySocket> CROWDED = new ArrayList<>();

    private final World world = new World("");
    private final SocketRegistry table = new SocketRegistry(BUCKETS, BUCKETS, NUMBERS);

    @Test
    void findsTheSuspectOfASocketAndOfNoOther() {
        ImaginarySocket socket = world.socket();
        Suspect suspect = suspect(socket);

        assertNull(table.find(socket));
        assertSame(suspect, table.add(suspect));
        assertSame(suspect, table.find(socket));
        assertNull(table.find(world.socket()));
    }

    @Test
    void takesOneSuspectPerSocket() {
        ImaginarySocket socket = world.socket();
        Suspect first = suspect(socket);
        table.add(first);

        assertSame(first, table.add(suspect(socket)));
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
        assertSame(second, table.add(second));
        assertSame(second, table.find(socket));
    }

    @Test
    void findsEachOfTwoHundredThousand() {
        var sockets = new ArrayList<ImaginarySocket>();
        var suspects = new ArrayList<Suspect>();
        for (int i = 0; i < 200_000; i++) {
            sockets.add(world.socket());
            suspects.add(suspect(sockets.get(i)));
            assertSame(suspects.get(i), table.add(suspects.get(i)));
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
                            if (table.add(suspect) == suspect) {
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSocketHasAPlainEntryAndASuspectBesideIt(boolean numbered) {
        ImaginarySocket socket = world.socket();
        OpenSocket tracked = tracked(socket);
        int number = numbered ? socket.descriptor() : NO_NUMBER;
        int bucket = bucket(table, socket, number);
        table.opened().add(bucket, tracked);
        assertSame(tracked, table.findAny(socket, number));
        assertNull(table.find(socket));
        assertNull(tracked.suspect);
        assertNull(table.findAny(world.socket(), number));

        Suspect suspect = suspect(socket);
        assertSame(suspect, table.add(suspect));
        suspect.join(tracked);
        assertSame(suspect, table.find(socket));
        assertSame(suspect, tracked.suspect);
        table.opened().remove(bucket, tracked);
        assertSame(suspect, table.findAny(socket, number));
        suspect.leave();
        table.remove(suspect);
        assertNull(table.findAny(socket, number));
        assertNull(tracked.suspect);
    }

    /** It was opened when the stack was not proven yet; from then on its number is known. */
    @Test
    void whatWasAddedByIdentityIsFoundAndReleasedByWhoeverKnowsItsNumber() {
        ImaginarySocket socket = world.socket();
        OpenSocket tracked = tracked(socket);
        table.opened().add(bucket(table, socket, NO_NUMBER), tracked);

        assertSame(tracked, table.findAny(socket, socket.descriptor()));
        table.release(socket, socket.descriptor());
        assertTrue(tracked.isReleased());
        assertNull(table.findAny(socket, socket.descriptor()));
    }

    /** The number is free before the thread that has closed it comes to tell. */
    @Test
    void twoSocketsMayHaveOneNumberForAMoment() {
        ImaginarySocket first = world.socket();
        ImaginarySocket second = world.socket();
        OpenSocket closing = tracked(first);
        OpenSocket opened = tracked(second);
        int bucket = table.ofNumber(7);
        table.opened().add(bucket, closing);
        table.opened().add(bucket, opened);
        table.release(first, 7);

        assertTrue(closing.isReleased());
        assertFalse(opened.isReleased());
        assertSame(opened, table.findAny(second, 7));
        table.opened().remove(bucket, closing);
        assertSame(opened, table.opened().head(bucket));
        assertNull(opened.next);
        table.release(second, 7);
        assertNull(table.opened().head(bucket));
    }

    @Test
    void whoIsGivenANumberHasTakenItFromNobodyElse() {
        var few = new SocketRegistry(1, 1, NUMBERS);
        OpenSocket before = tracked(world.socket());
        int number = before.socket().descriptor();
        OpenSocket besideIt = tracked(new World("").socket());
        while (besideIt.socket().descriptor() < number + NUMBERS) {
            besideIt = tracked(world.socket());
        }
        few.addOpened(number, before);
        few.addOpened(besideIt.socket().descriptor(), besideIt);
        assertEquals(few.ofNumber(number), few.ofNumber(besideIt.socket().descriptor()));
        assertFalse(before.isReleased());

        OpenSocket after = tracked(world.socketInPlaceOf((ImaginarySocket) before.socket()));
        few.addOpened(number, after);

        assertTrue(before.isReleased());
        assertFalse(besideIt.isReleased());
        assertFalse(after.isReleased());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReleaseIsToldToEverythingThatIsKnownOfTheSocketAndToNothingElse(boolean numbered) {
        ImaginarySocket socket = world.socket();
        ImaginarySocket other = world.socket();
        OpenSocket tracked = tracked(socket);
        OpenSocket bystander = tracked(other);
        var crowded = new SocketRegistry(1, 1, 1);
        Suspect suspect = suspect(crowded, socket);
        Suspect besideIt = suspect(crowded, other);
        int bucket = numbered ? crowded.ofNumber(7) : crowded.ofIdentity(7);
        crowded.opened().add(bucket, tracked);
        crowded.opened().add(bucket, bystander);
        crowded.add(suspect);
        suspect.join(tracked);
        crowded.add(besideIt);
        besideIt.join(bystander);
        crowded.release(socket, numbered ? 7 : NO_NUMBER);

        assertTrue(tracked.isReleased());
        assertTrue(suspect.isReleased());
        assertFalse(bystander.isReleased());
        assertFalse(besideIt.isReleased());
    }

    @Test
    void everyChainCanBeWalked() {
        var few = new SocketRegistry(8, 8, NUMBERS);
        var expected = new HashSet<TrackedSocket<?>>();
        for (int i = 0; i < 1000; i++) {
            ImaginarySocket socket = world.socket();
            OpenSocket tracked = tracked(socket);
            few.opened().add(bucket(few, socket, i % 2 == 0 ? socket.descriptor() : NO_NUMBER), tracked);
            expected.add(tracked);
        }

        assertEquals(8, few.suspects().size());
        assertEquals(8 + NUMBERS, few.opened().size());
        assertEquals(expected, new HashSet<>(all(few)));
        assertEquals(expected.size(), all(few).size());
    }

    /**
     * Application threads open, half-close and release sockets in eight chains, while the reaper thread walks them all the
     * time, suspects every second one and takes out what is released. A few sockets stay open throughout.
     */
    @RepeatedTest(50)
    void openingReleasingAndSweepingLoseNothing() throws Exception {
        var few = new SocketRegistry(8, 8, NUMBERS);
        var stay = new ArrayList<OpenSocket>();
        for (int i = 0; i < 16; i++) {
            ImaginarySocket socket = world.socket();
            stay.add(tracked(socket));
            few.opened().add(bucket(few, socket, number(socket)), stay.get(i));
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
                            OpenSocket opened = tracked(socket);
                            int number = number(socket);
                            few.opened().add(bucket(few, socket, number), opened);
                            TrackedSocket<?> found = few.findAny(socket, number);
                            assertTrue(found != null && found.socket() == socket, "it is there until it is released");
                            few.add(suspect(few, socket)).join(opened);
                            assertSame(socket, few.find(socket).socket());
                            for (OpenSocket one : stay) {
                                assertSame(
                                        one,
                                        few.findAny(one.socket(), number((ImaginarySocket) one.socket())),
                                        "whatever is taken out beside it");
                            }
                            few.release(socket, number);
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
                    for (int chain = 0; chain < few.suspects().size(); chain++) {
                        for (Suspect suspect = few.suspects().head(chain); suspect != null; suspect = suspect.next) {
                            if (suspect.isReleased()) {
                                few.remove(suspect);
                            }
                        }
                    }
                    for (int chain = 0; chain < few.opened().size(); chain++) {
                        for (OpenSocket tracked = few.opened().head(chain); tracked != null; tracked = tracked.next) {
                            if (tracked.isReleased()) {
                                few.opened().remove(chain, tracked);
                            } else if (tracked.socket().descriptor() % 3 == 0 && !stay.contains(tracked)) {
                                few.add(suspect(few, (ImaginarySocket) tracked.socket()))
                                        .join(tracked);
                            }
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
        assertTrue(
                left.stream().allMatch(tracked -> tracked instanceof Suspect && !tracked.isReleased()), left::toString);
        assertEquals(
                left.size(), left.stream().map(TrackedSocket::socket).distinct().count(), "one suspect per socket");
        for (OpenSocket one : stay) {
            assertSame(one, few.findAny(one.socket(), number((ImaginarySocket) one.socket())));
        }
    }

    // -- While the reaper thread is held up

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsReleasedLeavesNothingInItsChainWhicheverWayTheLivesOverlap(boolean numbered) {
        var one = new SocketRegistry(1, 1, 1);
        var random = new Random(9);
        var open = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < 20_000; i++) {
            if (open.size() < 2 || open.size() < 10 && random.nextBoolean()) {
                ImaginarySocket socket = world.socket();
                open.add(socket);
                if (numbered) {
                    one.addOpened(socket.descriptor(), tracked(socket));
                } else {
                    one.opened().add(one.ofIdentity(7), tracked(socket));
                }
            } else {
                ImaginarySocket closed = open.remove(random.nextInt(open.size()));
                one.release(closed, numbered ? closed.descriptor() : NO_NUMBER);
            }
            assertEquals(open.size(), all(one).size());
        }
    }

    /** Its number was given away before anybody told of its release, if somebody ever does. */
    @Test
    void whatNobodyToldTheReleaseOfGoesWithTheNextOpening() {
        ImaginarySocket lost = world.socket();
        for (int i = 0; i < 1000; i++) {
            table.addOpened(lost.descriptor(), tracked(lost));
            assertEquals(1, all(table).size());
            lost = world.socketInPlaceOf(lost);
        }
    }

    /** Some leave an entry behind that another thread takes out; those that stay open are found all the time. */
    @RepeatedTest(50)
    void manyThreadsThatOpenAndReleaseLeaveAlmostNothingBehind() throws Exception {
        var few = new SocketRegistry(2, 2, 2);
        var stay = new ArrayList<OpenSocket>();
        var start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            var openers = new ArrayList<Future<?>>();
            for (int t = 0; t < THREADS; t++) {
                var sockets = new ArrayList<ImaginarySocket>();
                for (int i = 0; i < ADDS; i++) {
                    sockets.add(world.socket());
                }
                ImaginarySocket stays = world.socket();
                stay.add(tracked(stays));
                OpenSocket mine = stay.get(t);
                openers.add(threads.submit(() -> {
                    start.await(1, TimeUnit.MINUTES);
                    for (int i = 0; i < ADDS; i++) {
                        if (i == ADDS / 2) {
                            few.opened().add(bucket(few, stays, number(stays)), mine);
                        }
                        ImaginarySocket socket = sockets.get(i);
                        OpenSocket opened = tracked(socket);
                        if (number(socket) < 0) {
                            few.opened().add(bucket(few, socket, NO_NUMBER), opened);
                        } else {
                            few.addOpened(number(socket), opened);
                        }
                        assertSame(opened, few.findAny(socket, number(socket)));
                        if (i >= ADDS / 2) {
                            assertSame(mine, few.findAny(stays, number(stays)));
                        }
                        few.release(socket, number(socket));
                    }
                    return null;
                }));
            }
            for (Future<?> opener : openers) {
                opener.get(1, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }

        assertTrue(all(few).containsAll(stay));
        assertTrue(all(few).size() <= stay.size() + 4 * THREADS, () -> all(few).size() + " entries");
        for (int i = 0; i < 64; i++) {
            ImaginarySocket socket = world.socket();
            few.opened().add(bucket(few, socket, NO_NUMBER), tracked(socket));
            few.release(socket, NO_NUMBER);
            few.addOpened(socket.descriptor(), tracked(socket));
            few.release(socket, socket.descriptor());
        }
        assertEquals(
                new HashSet<>(stay), new HashSet<>(all(few)), "the next release in a chain takes out what was left");
    }

    /** Every second socket tells the number of its descriptor. */
    private static int number(ImaginarySocket socket) {
        return socket.descriptor() % 2 == 0 ? socket.descriptor() : NO_NUMBER;
    }

    private static int bucket(SocketRegistry table, ImaginarySocket socket, int number) {
        return number < 0 ? table.ofIdentity(System.identityHashCode(socket)) : table.ofNumber(number);
    }

    private static List<TrackedSocket<?>> all(SocketRegistry table) {
        var all = new ArrayList<TrackedSocket<?>>();
        addAll(table.suspects(), all);
        addAll(table.opened(), all);
        return all;
    }

    private static <S extends TrackedSocket<S>> void addAll(SocketChains<S> chains, List<TrackedSocket<?>> all) {
        for (int chain = 0; chain < chains.size(); chain++) {
            for (S tracked = chains.head(chain); tracked != null; tracked = tracked.next) {
                all.add(tracked);
            }
        }
    }

    private static OpenSocket tracked(ImaginarySocket socket) {
        return new OpenSocket(socket, CapturedStack.NOT_SAMPLED);
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

    private Suspect suspect(ImaginarySocket socket) {
        return suspect(table, socket);
    }

    private static Suspect suspect(SocketRegistry table, ImaginarySocket socket) {
        return table.newSuspect(socket, System.identityHashCode(socket), 0, CapturedStack.NOT_SAMPLED, 0);
    }
}
