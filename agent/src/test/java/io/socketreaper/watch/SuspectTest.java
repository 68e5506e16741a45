package io.socketreaper.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.World;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SuspectTest {
    private final World world = new World("");

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

    private Suspect suspect(long number, long checkAt) {
        var suspect = new Suspect(world.socket(), 1, 0, Origin.NOT_SAMPLED, number, 0);
        suspect.checkAt = checkAt;
        return suspect;
    }
}
