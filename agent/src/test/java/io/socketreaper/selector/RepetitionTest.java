package io.socketreaper.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.FakeClock;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which selections are repeated. */
class RepetitionTest {
    private static final long UNKNOWN = Long.MAX_VALUE;

    private final FakeClock clock = new FakeClock();
    private final Selections selections = new Selections(clock, null);
    private Selector selector;
    private Pipe pipe;
    private SelectionKey key;

    @BeforeEach
    void open() throws Exception {
        selector = Selector.open();
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        key = pipe.source().register(selector, SelectionKey.OP_READ);
    }

    @AfterEach
    void close() throws Exception {
        selector.close();
        pipe.source().close();
        pipe.sink().close();
    }

    private void lasted(long millis) {
        assertEquals(millis, selections.lastedInVain(selector));
    }

    private void isNotRepeated() {
        lasted(Repetition.NOT_IN_VAIN);
    }

    @Test
    void oneThatTheAgentHasWokenOnceForEachTime() {
        selections.selectingForATime(selector);
        isNotRepeated();
        clock.advance(Duration.ofMillis(70));
        selections.wokenByAgent(selector);
        lasted(70);
        isNotRepeated();
        selections.selecting(selector);
        clock.advance(Duration.ofMillis(20));
        selections.wokenByAgent(selector);
        lasted(20);
    }

    /** What is repeated a thousand times still ends in time. */
    @Test
    void partsOfMillisecondsAreNotForgotten() {
        selections.selectingForATime(selector);
        long lasted = 0;
        for (int i = 0; i < 1_000; i++) {
            clock.advance(Duration.ofNanos(300_000));
            selections.wokenByAgent(selector);
            lasted += selections.lastedInVain(selector);
            selections.selecting(selector);
        }
        assertEquals(300, lasted);
    }

    @Test
    void oneWithoutLimitWhoseBeginningWasNotTold() {
        selections.wokenByAgent(selector);
        lasted(UNKNOWN);
    }

    @Test
    void noneThatBeganAfterIt() {
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        selections.selecting(selector);
        isNotRepeated();
    }

    @Test
    void noneOfAnInterruptedThread() {
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        Thread.currentThread().interrupt();
        isNotRepeated();
        Thread.interrupted();
    }

    @Test
    void noneOnAClosedSelector() throws Exception {
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        selector.close();
        isNotRepeated();
    }

    @Test
    void noneWhoseReadySetIsNotEmpty() throws Exception {
        pipe.sink().write(ByteBuffer.allocate(1));
        selector.select();
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        isNotRepeated();
    }

    @Test
    void noneThatWaitsForNoChannel() throws Exception {
        key.cancel();
        selector.selectNow();
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        isNotRepeated();
    }

    /** It would wake itself for ever: it alone can let the thread in that it is woken for. */
    @Test
    void noneOfAThreadWhoseMonitorTheAgentWaitsFor() {
        var work = selections.work(selector);
        work.flushBegins();
        for (Object monitor : List.of(selector, selector.selectedKeys())) {
            synchronized (monitor) {
                selections.selecting(selector);
                selections.wokenByAgent(selector);
                isNotRepeated();
            }
        }
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        lasted(UNKNOWN);
        work.flushEnds();
        synchronized (selector) {
            selections.selecting(selector);
            selections.wokenByAgent(selector);
            lasted(UNKNOWN);
        }
    }

    /** Who finds that selections are asked for wakes one at once; its end must be told, too. */
    @Test
    void selectionsAreToldBeforeTheyAreKnownToBe() throws Exception {
        var told = new AtomicInteger();
        selections.whenWanted(() -> {
            told.incrementAndGet();
            var second = new Thread(selections::want);
            second.start();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (second.getState() != Thread.State.BLOCKED && System.nanoTime() - deadline < 0) {
                if (second.getState() == Thread.State.TERMINATED) {
                    told.incrementAndGet();
                    return;
                }
                Thread.onSpinWait();
            }
        });
        selections.want();
        assertEquals(1, told.get());
    }

    @Test
    void noneBesideTheSelectionOfAnotherThread() throws Exception {
        selections.selecting(selector);
        selections.wokenByAgent(selector);
        inAnotherThread(() -> selections.selecting(selector));
        isNotRepeated();
        selections.wokenByAgent(selector);
        isNotRepeated();
        inAnotherThread(this::isNotRepeated);
    }

    private static void inAnotherThread(Runnable task) throws InterruptedException {
        var thread = new Thread(task);
        thread.start();
        thread.join();
    }
}
