package io.socketreaper.selector;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a closed channel is freed that a selector holds, and what becomes of the selector's ready set. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SelectorsTest {
    private static final int DEAD_SELECTORS = 50;
    /** More than are closed at once. */
    private static final int MANY = SelectorWork.MOST_APART + 100;
    /** Half of what they would take if each were given the time to wake up. */
    private static final Duration AT_ONCE = Duration.ofMillis(2_500);

    private final Selections selections = new Selections(Clock.SYSTEM, () -> {});
    private final Selectors selectors = new Selectors(selections);

    SelectorsTest() throws ReflectiveOperationException {}

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCancelledKeyInTheReadySetOfAThreadThatMayWalkThroughItStaysThere(boolean known) throws Exception {
        try (var selector = Selector.open();
                var closed = new Registered(selector);
                var other = new Registered(selector)) {
            closed.becomesReady();
            other.becomesReady();
            if (known) {
                selections.selecting(selector);
            }
            selector.selectNow();
            closed.pipe.source().close();
            Set<SelectionKey> ready = Set.copyOf(selector.selectedKeys());

            closed.release();

            assertTrue(closed.isHeld());
            assertEquals(Set.of(closed.key, other.key), ready);
            assertEquals(ready, selector.selectedKeys());
        }
    }

    /** A close that takes it for the loop's own selection would cancel the keys that the walk has yet to come to. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aThreadIsBusyAlsoInASelectionThatItMakesInPassing(boolean inPassing) throws Exception {
        try (var selector = Selector.open()) {
            var selecting = new FutureTask<>(() -> {
                selections.selecting(selector);
                if (inPassing) {
                    selections.selectingNow(selector);
                }
                return inPassing ? selector.selectNow() : selector.select();
            });
            var thread = new Thread(selecting, "loop");
            // A selection that does not wait is held up by this monitor, and is under way for as long.
            synchronized (selector.selectedKeys()) {
                thread.start();
                await("selecting", () -> selectors.isInSelection(selector));
                assertEquals(inPassing, selectors.isItsThreadBusy(selector, true));
            }
            selector.wakeup();
            assertEquals(0, selecting.get());
        }
    }

    /** The one that waits may have missed its wake-up: another attempt to close must wake it again, and soon. */
    @Test
    void aThreadThatWaitsIsNotBusyBecauseAnotherOnePolls() throws Exception {
        try (var selector = Selector.open()) {
            var selecting = new FutureTask<>(() -> {
                selections.selecting(selector);
                return selector.select();
            });
            new Thread(selecting, "loop").start();
            await("selecting", () -> selectors.isInSelection(selector));
            inAThreadThatEnds(() -> selections.selectingNow(selector));
            selections.selectingNow(selector);

            assertFalse(selectors.isItsThreadBusy(selector, true));
            selector.wakeup();
            assertEquals(0, selecting.get());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSelectorThatNobodySelectsOnIsFlushedAndItsReadySetIsAsBefore(boolean known) throws Exception {
        try (var selector = Selector.open();
                var closed = new Registered(selector);
                var other = new Registered(selector)) {
            other.becomesReady();
            if (known) {
                selections.selecting(selector);
            }
            selector.selectNow();
            closed.pipe.source().close();

            closed.release();

            assertFalse(closed.isHeld());
            assertEquals(Set.of(other.key), selector.selectedKeys());
            assertEquals(Set.of(other.key), selector.keys());
            assertTrue(other.key.isReadable());
        }
    }

    @Test
    void aThreadInsideASelectionIsWokenAndDoesItItself() throws Exception {
        try (var selector = Selector.open();
                var closed = new Registered(selector);
                var other = new Registered(selector)) {
            selections.selecting(selector);
            selector.selectNow();
            var selecting = new FutureTask<>(() -> {
                selections.selecting(selector);
                return selector.select();
            });
            var thread = new Thread(selecting, "selecting");
            thread.start();
            await("selecting", () -> isInside(thread, "lockAndDoSelect"));
            closed.pipe.source().close();

            closed.release();

            assertEquals(0, selecting.get());
            await("deregistered", () -> !closed.isHeld());
            assertEquals(Set.of(other.key), selector.keys());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aThreadThatStaysInItsSelectionIsNotWaitedFor(boolean known) throws Exception {
        var leave = new CompletableFuture<Void>();
        try (var selector = Selector.open();
                var closed = new Registered(selector);
                var other = new Registered(selector)) {
            other.becomesReady();
            if (known) {
                inAThreadThatEnds(() -> selections.selecting(selector));
            }
            var selecting = new FutureTask<>(() -> selector.select(ready -> leave.join()));
            var thread = new Thread(selecting, "selecting");
            thread.start();
            await("selecting", () -> isInside(thread, "join"));
            closed.pipe.source().close();

            closed.release();

            assertTrue(closed.isHeld());
            assertFalse(selecting.isDone());
            leave.complete(null);
            selecting.get();
            selector.selectNow();
            assertFalse(closed.isHeld());
        } finally {
            leave.complete(null);
        }
    }

    @Test
    void aThreadInsideASelectionCountsThoughAnotherThatCameLaterHasEnded() throws Exception {
        try (var selector = Selector.open()) {
            var selecting = new FutureTask<>(selector::select);
            var thread = new Thread(selecting, "selecting");
            thread.start();
            await("selecting", () -> isInside(thread, "lockAndDoSelect"));
            inAThreadThatEnds(() -> selections.selecting(selector));

            assertFalse(selectors.isAbandoned(selector));
            selector.wakeup();
            selecting.get();
            assertTrue(selectors.isAbandoned(selector));
        }
    }

    @Test
    void aSelectorThatIsClosedHoldsNothingAndIsLeftAlone() throws Exception {
        var selector = Selector.open();
        try (var closed = new Registered(selector)) {
            inAThreadThatEnds(() -> selections.selecting(selector));
            selector.close();
            closed.pipe.source().close();

            closed.release();

            assertFalse(closed.isHeld());
            assertFalse(selector.isOpen());
        }
    }

    @Test
    void fromTheReadySetOfAThreadThatHasEndedOnlyTheCancelledKeyIsTaken() throws Exception {
        try (var selector = Selector.open();
                var closed = new Registered(selector);
                var other = new Registered(selector)) {
            closed.becomesReady();
            other.becomesReady();
            inAThreadThatEnds(() -> {
                selections.selecting(selector);
                selector.selectNow();
            });
            closed.pipe.source().close();
            assertEquals(Set.of(closed.key, other.key), selector.selectedKeys());

            closed.release();

            assertFalse(closed.isHeld());
            assertEquals(Set.of(other.key), selector.selectedKeys());
        }
    }

    @Test
    void whileManyAreClosedWithoutASelectionNoKeyOfTheSelectorIsCancelled() throws Exception {
        var all = new ArrayList<Registered>();
        try (var selector = Selector.open()) {
            selections.selecting(selector);
            SelectorWork work = selectors.work(selector);
            var cancelled = new ArrayList<SelectionKey>();
            for (int i = 0; i < MANY; i++) {
                var each = new Registered(selector);
                all.add(each);
                work.addClose(each.key, inSelection -> {
                    each.closeSource();
                    selector.keys().stream().filter(key -> !key.isValid()).forEach(cancelled::add);
                    return false;
                });
            }

            selectors.closeAll(new SelectionKey[] {all.get(0).key});

            assertEquals(List.of(), cancelled);
            assertTrue(all.stream().noneMatch(Registered::isHeld));
            assertTrue(selector.keys().isEmpty());
        } finally {
            for (Registered each : all) {
                each.close();
            }
        }
    }

    @Test
    void aChannelWhoseKeyWasReportedIsLeftToTheNextSelectionAndTheOthersAreClosed() throws Exception {
        try (var selector = Selector.open();
                var reported = new Registered(selector);
                var other = new Registered(selector)) {
            reported.becomesReady();
            selections.selecting(selector);
            selector.selectNow();
            SelectorWork work = selectors.work(selector);
            work.addClose(reported.key, inSelection -> reported.closeSource());
            work.addClose(other.key, inSelection -> other.closeSource());

            selectors.closeAll(new SelectionKey[] {other.key});

            assertFalse(other.isHeld());
            assertTrue(reported.key.isValid());
            assertTrue(selectors.isInHand(reported.key));
            assertEquals(Set.of(reported.key), selector.keys());
            selections.selecting(selector);
            selector.selectNow();
            assertFalse(reported.isHeld());
        }
    }

    /** Else it would find nothing queued and close its channel at once, in the middle of a walk. */
    @Test
    void aSecondThreadOfOursWaitsForTheOneThatClosesApart() throws Exception {
        try (var selector = Selector.open();
                var first = new Registered(selector)) {
            selections.selecting(selector);
            SelectorWork work = selectors.work(selector);
            var closing = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            work.addClose(first.key, inSelection -> {
                closing.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return first.closeSource();
            });
            var one = closer(first.key);
            closing.await();
            var another = closer(first.key);
            while (another.getState() != Thread.State.WAITING) {
                assertTrue(another.isAlive(), "it did not wait");
                Thread.onSpinWait();
            }
            goOn.countDown();
            one.join();
            another.join();
            assertFalse(first.isHeld());
        }
    }

    private Thread closer(SelectionKey key) {
        var thread = new Thread(() -> {
            try {
                selectors.closeAll(new SelectionKey[] {key});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void aChannelThatIsNotClosedAfterAllIsAmongTheKeysOfItsSelectorAgain() throws Exception {
        try (var selector = Selector.open();
                var inUse = new Registered(selector)) {
            selections.selecting(selector);
            selectors.work(selector).addClose(inUse.key, inSelection -> false);

            selectors.closeAll(new SelectionKey[] {inUse.key});

            assertEquals(Set.of(inUse.key), selector.keys());
            selector.close();
            assertFalse(inUse.isHeld());
        }
    }

    @Test
    void selectorsOfThreadsThatHaveEndedAreNotWaitedFor() throws Exception {
        var all = new ArrayList<Registered>();
        try {
            for (int i = 0; i < DEAD_SELECTORS; i++) {
                all.add(new Registered(Selector.open()));
            }
            inAThreadThatEnds(() -> {
                for (Registered each : all) {
                    selections.selecting(each.key.selector());
                    each.key.selector().selectNow();
                }
            });
            for (Registered each : all) {
                each.pipe.source().close();
            }

            long start = System.nanoTime();
            for (Registered each : all) {
                each.release();
                assertFalse(each.isHeld());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertTrue(took.compareTo(AT_ONCE) < 0, took::toString);
        } finally {
            for (Registered each : all) {
                each.key.selector().close();
                each.close();
            }
        }
    }

    /** A channel registered for reading, and what writes to it. */
    private final class Registered implements AutoCloseable {
        final Pipe pipe = Pipe.open();
        final SelectionKey key;

        Registered(Selector selector) throws IOException {
            pipe.source().configureBlocking(false);
            key = pipe.source().register(selector, SelectionKey.OP_READ);
        }

        void becomesReady() throws IOException {
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
        }

        void release() throws IOException {
            selectors.release(pipe.source(), selectors.keys(pipe.source()));
        }

        /** Returns false, as a close that is not to be repeated. */
        boolean closeSource() {
            try {
                pipe.source().close();
                return false;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        boolean isHeld() {
            return pipe.source().isRegistered();
        }

        @Override
        public void close() throws IOException {
            pipe.sink().close();
            pipe.source().close();
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void inAThreadThatEnds(Step step) throws Exception {
        var task = new FutureTask<Void>(() -> {
            step.run();
            return null;
        });
        var thread = new Thread(task, "that-ends");
        thread.start();
        thread.join();
        task.get();
    }

    private static boolean isInside(Thread thread, String method) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals(method)) {
                return true;
            }
        }
        return false;
    }
}
