package io.socketreaper.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.model.Clock;
import io.socketreaper.stack.TcpConnection;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SelectionsTest {
    private static final String NOBODY = "no thread has selected on it since the agent was loaded";

    private final FakeClock clock = new FakeClock();
    /** For one that is not woken, and for one that is: then it is not waited for. Milliseconds. */
    private static final int SHORT = 20;

    private static final int LONG = 10_000;

    private final AtomicInteger met = new AtomicInteger();
    private final Selections selections = new Selections(clock, met::incrementAndGet);

    /** Nobody looks for sockets that were there before an agent that came first. */
    @Test
    void selectorsAreNotKeptForSomebodyWhoWillNeverAsk() {
        var alone = new Selections(clock, null);
        alone.selecting(new Object());
        assertFalse(alone.hasMet());
    }

    @Test
    void tellsWhoSelectedLastAndWhen() throws Exception {
        Object selector = new Object();
        assertEquals(NOBODY, selections.last(selector));
        selections.selecting(selector);
        clock.advance(Duration.ofSeconds(7));
        assertEquals(
                "last selected on about 7 s ago by thread \""
                        + Thread.currentThread().getName() + "\"",
                selections.last(selector));

        selections.tick();
        var other = new Thread(() -> selections.selecting(selector), "other");
        other.start();
        other.join();
        assertEquals("last selected on about 0 s ago by thread \"other\", which has ended", selections.last(selector));
        assertEquals(NOBODY, selections.last(new Object()));
    }

    /** As a task of a pool, or a virtual thread, that selects now and then. */
    @Test
    void aSelectorWhoseThreadsTakeTurnsIsNotAbandonedBeforeNoneHasComeForLong() throws Exception {
        Object selector = new Object();
        selectInAThreadThatEnds(selector);
        assertTrue(selections.lastThreadHasEnded(selector));

        selectInAThreadThatEnds(selector);
        assertFalse(selections.lastThreadHasEnded(selector));
        clock.advance(Duration.ofNanos(Selections.NEXT_THREAD_COMES - 1));
        assertFalse(selections.lastThreadHasEnded(selector));
        clock.advance(Duration.ofNanos(1));
        assertTrue(selections.lastThreadHasEnded(selector));
    }

    private void selectInAThreadThatEnds(Object selector) throws InterruptedException {
        var thread = new Thread(() -> selections.selecting(selector), "turn");
        thread.start();
        thread.join();
    }

    @ParameterizedTest
    @EnumSource
    void aThreadIsBusyUnlessItHasEndedOrWaitsForATaskOfItsPool(Does what) throws Exception {
        var selector = new Object();
        var letGo = new CountDownLatch(1);
        var done = new AtomicBoolean();
        ExecutorService pool =
                what == Does.WAITS_IN_FORK_JOIN_POOL ? new ForkJoinPool(1) : Executors.newCachedThreadPool();
        try {
            Runnable task = () -> {
                selections.selecting(selector);
                done.set(true);
                try {
                    what.run(letGo);
                } catch (InterruptedException over) {
                    // the test is over
                }
            };
            var thread = new AtomicReference<Thread>();
            if (what == Does.ENDS) {
                thread.set(new Thread(task));
                thread.get().start();
                thread.get().join();
            } else {
                pool.execute(() -> {
                    thread.set(Thread.currentThread());
                    task.run();
                });
                TcpConnection.await(
                        "at it",
                        () -> done.get() && what.states.contains(thread.get().getState()));
            }
            TcpConnection.await(what.toString(), () -> {
                clock.advance(Duration.ofSeconds(1));
                return selections.isLastThreadBusy(selector, false) == what.busy;
            });
            assertFalse(selections.isLastThreadBusy(new Object(), false));
        } finally {
            letGo.countDown();
            pool.shutdownNow();
        }
    }

    @Test
    void aThreadThatHasSelectedWithinTheLastTwoSecondsComesBackSoon() {
        var selector = new Object();
        selections.selecting(selector);
        clock.advance(Duration.ofMillis(2_199));
        assertFalse(selections.isLastThreadBusy(selector, false));
        clock.advance(Duration.ofMillis(1));
        assertTrue(selections.isLastThreadBusy(selector, false));
        selections.tick();
        selections.selecting(selector);
        assertFalse(selections.isLastThreadBusy(selector, false));
        assertTrue(selections.isLastThreadBusy(selector, true), "one that was slow before is not trusted");
    }

    private enum Does {
        RUNS(true, Thread.State.RUNNABLE) {
            @Override
            void run(CountDownLatch letGo) {
                while (letGo.getCount() > 0) {
                    Thread.onSpinWait();
                }
            }
        },
        SLEEPS(true, Thread.State.TIMED_WAITING) {
            @Override
            void run(CountDownLatch letGo) throws InterruptedException {
                TimeUnit.MINUTES.sleep(1);
            }
        },
        WAITS(true, Thread.State.WAITING) {
            @Override
            void run(CountDownLatch letGo) throws InterruptedException {
                letGo.await();
            }
        },
        ENDS(false, Thread.State.TERMINATED),
        WAITS_IN_POOL(false, Thread.State.TIMED_WAITING),
        WAITS_IN_FORK_JOIN_POOL(false, Thread.State.WAITING, Thread.State.TIMED_WAITING);

        final boolean busy;
        final Set<Thread.State> states;

        Does(boolean busy, Thread.State... states) {
            this.busy = busy;
            this.states = Set.of(states);
        }

        void run(CountDownLatch letGo) throws InterruptedException {
            // it goes back to where it came from
        }
    }

    @Test
    void aThreadThatIsCollectedIsNotKeptButItsNameIs() throws Exception {
        Object selector = new Object();
        WeakReference<Thread> thread = selectOnceInAThreadOfItsOwn(selector);

        TcpConnection.await("thread collected", () -> {
            System.gc();
            return thread.refersTo(null);
        });
        assertEquals(
                "last selected on about 0 s ago by thread \"short-lived\", which has ended", selections.last(selector));
    }

    private WeakReference<Thread> selectOnceInAThreadOfItsOwn(Object selector) throws InterruptedException {
        var thread = new Thread(() -> selections.selecting(selector), "short-lived");
        thread.start();
        thread.join();
        return new WeakReference<>(thread);
    }

    @Test
    void everySelectorIsMetOnce() throws Exception {
        try (var one = Selector.open();
                var two = Selector.open()) {
            for (int i = 0; i < 3; i++) {
                selections.selecting(one);
                selections.selecting(two);
            }

            assertEquals(2, met.get());
            assertTrue(selections.hasMet());
            assertSame(one, selections.nextMet());
            assertSame(two, selections.nextMet());
            assertNull(selections.nextMet());
            assertFalse(selections.hasMet());
        }
    }

    /** Of the JDK: a selection that finds only cancelled keys drops them and waits. */
    @Test
    void aThreadWhoseChannelWasClosedBeforeItsSelectionIsWoken() throws Exception {
        try (var connection = TcpConnection.open();
                var selector = Selector.open()) {
            SocketChannel channel = connection.ours;
            channel.configureBlocking(false);
            var registered = new CountDownLatch(1);
            var closed = new CountDownLatch(1);
            var returned = new CountDownLatch(1);
            var thread = new Thread(() -> {
                try {
                    channel.register(selector, SelectionKey.OP_READ);
                    registered.countDown();
                    closed.await();
                    selections.selecting(selector);
                    selector.select();
                    returned.countDown();
                } catch (IOException | InterruptedException e) {
                    // the test fails
                }
            });
            thread.setDaemon(true);
            thread.start();
            registered.await();
            long since = selections.time();
            channel.close();
            closed.countDown();
            awaitNoKeys(selector);
            assertFalse(returned.await(100, TimeUnit.MILLISECONDS), "the JDK has woken it");

            selections.wakeEmpty(since);
            assertTrue(returned.await(10, TimeUnit.SECONDS));
        }
    }

    private static void awaitNoKeys(Selector selector) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!selector.keys().isEmpty() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void selectorsThatHoldChannelsOrWereSelectedOnBeforeAreNotWoken() throws Exception {
        try (var before = Selector.open();
                var holding = Selector.open();
                var empty = Selector.open();
                var channel = SocketChannel.open()) {
            channel.configureBlocking(false);
            channel.register(holding, 0);
            selections.selecting(before);
            clock.advance(Duration.ofSeconds(1));
            selections.tick();
            long since = selections.time();
            selections.selecting(holding);
            selections.selecting(empty);

            selections.wakeEmpty(since);
            assertFalse(isWoken(before, SHORT));
            assertFalse(isWoken(holding, SHORT));
            assertTrue(isWoken(empty, LONG));
        }
    }

    /** Netty would replace a selector that returns too often without a reason. */
    @Test
    void aSelectorIsNotWokenTooOftenInARow() throws Exception {
        try (var selector = Selector.open()) {
            for (int i = 0; i < 256; i++) {
                selections.selecting(selector);
                selections.wakeEmpty(selections.time());
                assertTrue(isWoken(selector, LONG));
            }
            selections.wakeEmpty(selections.time());
            assertFalse(isWoken(selector, SHORT));
            clock.advance(Duration.ofSeconds(1));
            selections.wakeEmpty(selections.time());
            assertTrue(isWoken(selector, LONG));
        }
    }

    /** Whether a selection of that many milliseconds returns before they are over. */
    private static boolean isWoken(Selector selector, int millis) throws IOException {
        long begun = System.nanoTime();
        selector.select(millis);
        return System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** {@code track=all} comes at run time: the channels of selectors that are known have to be found. */
    @Test
    void selectorsThatAreKnownAreMetOnceThatIsWanted() throws Exception {
        var late = new Selections(Clock.SYSTEM, null);
        try (var one = Selector.open();
                var two = Selector.open()) {
            late.selecting(one);
            assertFalse(late.hasMet());
            var told = new AtomicInteger();
            late.tellMet(told::incrementAndGet);
            assertSame(one, late.nextMet());
            late.selecting(two);
            assertEquals(1, told.get());
            assertSame(two, late.nextMet());
            assertNull(late.nextMet());
        }
    }

    @Test
    void ofVeryManyThatNobodyAsksForTheNewestAreKept() throws Exception {
        for (int i = 0; i < 3 * MetSelectors.MOST; i++) {
            selections.selecting(new Object());
        }
        assertEquals(MetSelectors.MOST, selections.waiting());

        try (var newest = Selector.open()) {
            selections.selecting(newest);
            assertEquals(MetSelectors.MOST, selections.waiting());
            assertSame(newest, selections.nextMet());
            assertEquals(0, selections.waiting());
        }
    }

    @Test
    void collectedSelectorsDoNotAccumulate() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            selections.selecting(new Object());
        }
        assertTrue(entries().size() > 0);
        TcpConnection.await("collected", () -> {
            System.gc();
            return entries().stream().allMatch(entry -> entry.refersTo(null));
        });
        var kept = new ArrayList<Object>();
        for (int i = 0; i < 5_000; i++) {
            kept.add(new Object());
            selections.selecting(kept.get(i));
        }

        assertEquals(kept.size(), entries().size());
        for (Object selector : kept) {
            assertFalse(selections.last(selector).equals(NOBODY));
        }
    }

    /** Of a program that opens a selector per request, beside event loops whose selections would walk past the closed ones. */
    @Test
    void closedSelectorsDoNotAccumulateInFrontOfOpenOnes() throws Exception {
        var loops = new ArrayList<Selector>();
        var closed = new ArrayList<Selector>();
        try {
            for (int i = 0; i < 4_000; i++) {
                var selector = Selector.open();
                selections.selecting(selector);
                if (i % 20 == 0) {
                    loops.add(selector);
                } else {
                    selector.close();
                    closed.add(selector);
                }
            }
            int most = loops.size() + 256;
            int entries = entries().size();
            assertTrue(entries <= most, () -> entries + " entries for " + loops.size() + " open selectors");
            for (Selector loop : loops) {
                assertFalse(selections.last(loop).equals(NOBODY));
            }
        } finally {
            for (Selector loop : loops) {
                loop.close();
            }
        }
        Reference.reachabilityFence(closed);
    }

    /** What a release has left to a selector is done also after its close. */
    @Test
    void aClosedSelectorKeepsItsWork() throws Exception {
        var selector = Selector.open();
        SelectorWork work = selections.work(selector);
        selector.close();
        for (int i = 0; i < 5_000; i++) {
            selections.selecting(new Object());
        }
        assertSame(work, selections.work(selector));
    }

    /** Each thread drops entries of closed selectors while the others do so, and adds open ones. */
    @RepeatedTest(20)
    void threadsThatDropEntriesAtOnceLoseNoneThatIsInUse() throws Exception {
        int threads = 4;
        var start = new CyclicBarrier(threads);
        var kept = new ConcurrentLinkedQueue<Selector>();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            var all = new ArrayList<Future<?>>();
            for (int t = 0; t < threads; t++) {
                all.add(pool.submit(() -> {
                    start.await(1, TimeUnit.MINUTES);
                    for (int i = 0; i < 500; i++) {
                        var selector = Selector.open();
                        selections.selecting(selector);
                        if (i % 10 == 0) {
                            kept.add(selector);
                        } else {
                            selector.close();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(1, TimeUnit.MINUTES);
            }
            for (Selector selector : kept) {
                assertFalse(selections.last(selector).equals(NOBODY));
            }
        } finally {
            pool.shutdownNow();
            for (Selector selector : kept) {
                selector.close();
            }
        }
    }

    @RepeatedTest(50)
    void manyThreadsThatMeetASelectorAtOnceMeetItOnce() throws Exception {
        int threads = 4;
        var selectors = new ArrayList<Object>();
        for (int i = 0; i < 1_000; i++) {
            selectors.add(new Object());
        }
        var start = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            var all = new ArrayList<Future<?>>();
            for (int t = 0; t < threads; t++) {
                all.add(pool.submit(() -> {
                    start.await(1, TimeUnit.MINUTES);
                    selectors.forEach(selections::selecting);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(1, TimeUnit.MINUTES);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(selectors.size(), met.get());
        assertEquals(selectors.size(), entries().size());
    }

    /** What it holds, whether anybody can find it or not. */
    private List<Reference<?>> entries() throws ReflectiveOperationException {
        Field heads = Selections.class.getDeclaredField("heads");
        heads.setAccessible(true);
        var chains = (AtomicReferenceArray<?>) heads.get(selections);
        var entries = new ArrayList<Reference<?>>();
        for (int i = 0; i < chains.length(); i++) {
            for (var entry = (Reference<?>) chains.get(i); entry != null; ) {
                entries.add(entry);
                Field next = entry.getClass().getDeclaredField("next");
                next.setAccessible(true);
                entry = (Reference<?>) next.get(entry);
            }
        }
        return entries;
    }
}
