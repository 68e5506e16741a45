package io.socketreaper.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.FakeClock;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long a thread that begins a selection is held up by closes. Each takes a millisecond here. */
class SelectorWorkTest {
    private static final int MANY = 9_000;
    private static final Duration A_CLOSE = Duration.ofMillis(1);
    /** The clock is read after 16 closes. */
    private static final int A_LOOK = 16;

    private final FakeClock clock = new FakeClock();
    private final SelectorWork work = new SelectorWork(clock);
    private Selector selector;
    private Pipe pipe;
    private SelectionKey key;
    private int closed;

    @BeforeEach
    void open() throws Exception {
        selector = Selector.open();
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        key = pipe.source().register(selector, 0);
    }

    @AfterEach
    void close() throws Exception {
        selector.close();
        pipe.source().close();
        pipe.sink().close();
    }

    @Test
    void aThreadThatComesAtOnceClosesFewAndIsWokenForTheNext() throws Exception {
        leakMany();

        work.selecting(selector, true);

        assertEquals(SelectorWork.LEAST_CLOSES, closed);
        assertEquals(0, selector.select(20_000));
        work.selecting(selector, true);
        assertEquals(2 * SelectorWork.LEAST_CLOSES, closed);
    }

    @Test
    void aThreadThatComesLateIsHeldUpForHalfOfThatTime() {
        leakMany();
        clock.advance(Duration.ofMillis(600));

        work.selecting(selector, true);

        assertEquals(300, closed, A_LOOK);
    }

    @Test
    void aThreadThatComesVeryLateIsHeldUpForHalfASecond() {
        leakMany();
        clock.advance(Duration.ofMinutes(1));

        work.selecting(selector, true);

        assertEquals(500, closed, A_LOOK);
    }

    @Test
    void aThreadThatComesLateAndIsWokenForTheRestIsNotLateAgain() {
        leakMany();
        clock.advance(Duration.ofMillis(600));
        work.selecting(selector, true);
        closed = 0;

        work.selecting(selector, true);

        assertEquals(SelectorWork.LEAST_CLOSES, closed);
    }

    /** Closes that take no time are bounded by their number, unless the thread comes late. */
    @Test
    void allAreClosedInOneSelectionOfALateThread() {
        for (int i = 0; i < MANY; i++) {
            work.addClose(key, inSelection -> {
                closed++;
                return false;
            });
        }
        work.selecting(selector, true);
        assertEquals(SelectorWork.MOST_TASKS, closed);
        clock.advance(Duration.ofSeconds(1));
        work.selecting(selector, true);
        assertEquals(MANY, closed);
    }

    /** As one that is made in the middle of a walk through a copy of the keys. */
    @Test
    void aSelectionThatMayNotCloseLeavesAllToTheNextThatMay() throws Exception {
        leakMany();
        clock.advance(Duration.ofMillis(600));
        work.selecting(selector, false);
        assertEquals(0, closed);
        assertEquals(0, selector.selectNow());

        work.selecting(selector, true);
        assertEquals(SelectorWork.LEAST_CLOSES, closed, "its thread was not busy, it has selected");
    }

    private void leakMany() {
        for (int i = 0; i < MANY; i++) {
            work.addClose(key, inSelection -> {
                closed++;
                clock.advance(A_CLOSE);
                return false;
            });
        }
    }
}
