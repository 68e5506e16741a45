package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.leak.StackOrigin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StackSamplerTest {
    private static final int PER_SECOND = 200;
    private static final int SELDOM = 16;
    private static final int PLACES = 1024;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final StackSampler sampler = new StackSampler(0);

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 1_500_000_000L, -5_000_000_000L})
    void twoHundredStacksASecondAreTakenAndNoMore(long start) {
        var sampled = new StackSampler(start);
        for (int second = 0; second < 3; second++) {
            int taken = 0;
            for (int i = 0; i < 1_000; i++) {
                taken += sampled.sample(start + second * (SECOND + 1) + i).stackOrigin() == StackOrigin.OPENED ? 1 : 0;
            }
            assertEquals(PER_SECOND, taken);
        }
    }

    @Test
    void whoComesTooLateIsToldApart() {
        for (int i = 0; i < PER_SECOND; i++) {
            sampler.sample(0);
        }

        assertSame(CapturedStack.NOT_SAMPLED, sampler.sample(SECOND));
        assertEquals(StackOrigin.OPENED, sampler.sample(SECOND + 1).stackOrigin());
    }

    @Test
    void whileNoneAreLeftFewLookAtTheClock() {
        int due = 0;
        for (int i = 0; i < 10_000; i++) {
            if (sampler.isDue()) {
                due++;
                sampler.sample(1);
            }
        }
        assertTrue(
                due >= PER_SECOND + (10_000 - PER_SECOND) / SELDOM - 1,
                () -> "somebody finds out that the second is over");
        assertTrue(due <= PER_SECOND + 10_000 / SELDOM);
    }

    @Test
    void afterTheSecondASixteenthSocketOrTheReaperThreadFillsAgain() {
        use(0);
        int without = 0;
        while (!sampler.isDue()) {
            without++;
        }
        assertTrue(without < SELDOM);
        assertEquals(StackOrigin.OPENED, sampler.sample(SECOND + 1).stackOrigin());
        assertTrue(sampler.isDue());

        use(SECOND + 1);
        sampler.refill(2 * SECOND + 1);
        assertSame(CapturedStack.NOT_SAMPLED, sampler.sample(2 * SECOND + 1));
        sampler.refill(2 * SECOND + 2);
        assertTrue(sampler.isDue());
        assertEquals(StackOrigin.OPENED, sampler.sample(2 * SECOND + 2).stackOrigin());
    }

    private void use(long now) {
        for (int i = 0; i < PER_SECOND; i++) {
            sampler.sample(now);
        }
        while (sampler.isDue()) {
            assertSame(CapturedStack.NOT_SAMPLED, sampler.sample(now));
        }
    }

    @RepeatedTest(50)
    void manyThreadsTogetherGetNoMoreThanOne() throws Exception {
        int threads = 4;
        var start = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        int taken = 0;
        try {
            var counts = new ArrayList<Future<Integer>>();
            for (int t = 0; t < threads; t++) {
                counts.add(pool.submit(() -> {
                    start.await(1, TimeUnit.MINUTES);
                    int mine = 0;
                    for (int i = 0; i < PER_SECOND; i++) {
                        mine += sampler.sample(1).stackOrigin() == StackOrigin.OPENED ? 1 : 0;
                    }
                    return mine;
                }));
            }
            for (Future<Integer> count : counts) {
                taken += count.get(1, TimeUnit.MINUTES);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(PER_SECOND, taken);
    }

    @Test
    void theSocketsOfOnePlaceShareOneStack() {
        var origins = new ArrayList<CapturedStack>();
        for (int i = 0; i < 10; i++) {
            origins.add(sampler.sample(0));
        }
        CapturedStack elsewhere = sampler.sample(0);

        CapturedStack first = sampler.shared(origins.get(0));
        assertSame(origins.get(0), first);
        assertFalse(first.isBulky());
        for (CapturedStack origin : origins) {
            assertSame(first, sampler.shared(origin));
        }
        assertSame(elsewhere, sampler.shared(elsewhere));
        assertNotSame(first, sampler.shared(elsewhere));
    }

    @Test
    void thereAreAThousandPlacesAndNoMore() {
        var known = new ArrayList<CapturedStack>();
        for (int line = 0; line < PLACES; line++) {
            known.add(sampler.shared(openedIn(line)));
        }
        for (int line = PLACES; line < 10 * PLACES; line++) {
            assertSame(CapturedStack.NOT_SAMPLED, sampler.shared(openedIn(line)));
        }
        for (int line = 0; line < PLACES; line++) {
            assertSame(known.get(line), sampler.shared(openedIn(line)));
            assertEquals(List.of(frame(line)), List.of(known.get(line).stack()));
        }
    }

    @Test
    void aThousandDifferentStacksOfHalfClosesAreKeptAndOfOthersTheInnermostFrames() {
        var known = new ArrayList<StackTraceElement[]>();
        for (int line = 0; line < PLACES; line++) {
            known.add(sampler.shared(deep(line)));
        }
        for (int line = 0; line < PLACES; line++) {
            assertSame(known.get(line), sampler.shared(deep(line)));
        }
        assertFalse(sampler.hasCut());
        for (int line = PLACES; line < 2 * PLACES; line++) {
            assertEquals(List.of(deep(line)).subList(0, StackSampler.FEW_FRAMES), List.of(sampler.shared(deep(line))));
        }
        assertEquals(PLACES, sampler.takeCut());
        assertFalse(sampler.hasCut());
    }

    private static StackTraceElement[] deep(int line) {
        var stack = new StackTraceElement[60];
        Arrays.setAll(stack, i -> frame(line + i));
        return stack;
    }

    private static CapturedStack openedIn(int line) {
        var trace = new Throwable();
        trace.setStackTrace(new StackTraceElement[] {frame(line)});
        return new CapturedStack(StackOrigin.OPENED, "", trace);
    }

    private static StackTraceElement frame(int line) {
        return new StackTraceElement("com.example.Server", "accept", "Server.java", line);
    }
}
