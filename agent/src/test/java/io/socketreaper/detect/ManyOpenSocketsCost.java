package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.imaginary.World;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Prints what 100 000 open sockets cost the reaper thread with {@code track=all}, and how long counting them for {@code open} takes. It measures, so it
 * is not run with the tests: {@code mvn -B test -pl agent -Djacoco.skip -Dtest=ManyOpenSocketsCost}.
 */
class ManyOpenSocketsCost {
    private static final int COUNT = 100_000;
    private static final int ROUNDS = 7;
    private static final Duration A_MINUTE = Duration.ofMinutes(1);

    @Test
    void aMinuteOfTheReaperThreadAndAnAnswer() {
        var world = new World("track=all,timeout=60s");
        List<Object> open = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            open.add(world.openedSocket());
        }
        for (int round = 0; round < ROUNDS; round++) {
            long before = processorNanos();
            world.pass(A_MINUTE);
            double percent = 100.0 * (processorNanos() - before) / A_MINUTE.toNanos();
            long start = System.nanoTime();
            OpenWalk walk = world.detector.openSites().walk();
            Map<OpenSite, OpenWalk.Tally> counted = walk.goOn(Long.MAX_VALUE);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            System.out.printf("%.2f %% of a processor; counted in %d ms%n", percent, millis);
            assertEquals(
                    COUNT,
                    counted.values().stream().mapToInt(OpenWalk.Tally::open).sum());
        }
        assertEquals(COUNT, open.size());
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
