package io.socketreaper.watch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.World;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SuspectTest {
    private static final String HOOK = "sun.nio.ch.SocketReaperHook";

    private final World world = new World("");

    @Test
    void theStackBeginsBelowTheHook() {
        StackTraceElement[] application = {frame("sun.nio.ch.SocketChannelImpl"), frame("com.example.Server"),
            frame("java.lang.Thread")};
        StackTraceElement[] all = {frame("io.socketreaper.watch.Watch"), frame("io.socketreaper.agent.Events"), frame(HOOK),
            frame(HOOK), application[0], application[1], application[2]};

        assertArrayEquals(application, suspect(1, 0, all).signStack());
    }

    @Test
    void aHookDeepDownIsNotTheOneThatCalled() {
        var all = new StackTraceElement[40];
        for (int i = 0; i < all.length; i++) {
            all[i] = frame(i == 30 ? HOOK : "com.example.Frame" + i);
        }

        assertArrayEquals(all, suspect(1, 0, all).signStack());
    }

    @Test
    void aJvmWithoutStackTracesGivesNone() {
        assertEquals(0, suspect(1, 0).signStack().length);
    }

    @Test
    void suspectsAreOrderedByDeadlineAndThenByArrivalAlsoWhereNanoTimeOverflows() {
        Suspect beforeTheOverflow = suspect(4, Long.MAX_VALUE - 5);
        Suspect afterIt = suspect(1, Long.MIN_VALUE + 5);
        Suspect sameTimeButLater = suspect(9, Long.MAX_VALUE - 5);

        assertEquals(List.of(beforeTheOverflow, sameTimeButLater, afterIt),
                List.copyOf(new TreeSet<>(List.of(afterIt, sameTimeButLater, beforeTheOverflow))));
    }

    @Test
    void aReadThatNeverHappenedIsMinusOneAndOneThatJustDidIsNotNegative() {
        Suspect suspect = suspect(1, 0);
        assertEquals(-1, suspect.millisSinceRead(1_000_000_000));
        suspect.touchRead(2_000_000_000);
        assertEquals(3_000, suspect.millisSinceRead(5_000_000_000L));
        assertEquals(0, suspect.millisSinceRead(1_000_000_000), "the reaper looked at the clock before the reader did");
        assertTrue(suspect.lastActivity() == 2_000_000_000);
    }

    private Suspect suspect(long number, long checkAt, StackTraceElement... stack) {
        var sign = new Throwable();
        sign.setStackTrace(stack);
        var suspect = new Suspect(world.socket(), number, 0, 0, "main", sign);
        suspect.checkAt = checkAt;
        return suspect;
    }

    private static StackTraceElement frame(String type) {
        return new StackTraceElement(type, "shutdownOutput", "File.java", 1);
    }
}
