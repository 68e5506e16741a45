package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

        assertEquals(
                List.of(beforeTheOverflow, sameTimeButLater, afterIt),
                List.copyOf(new TreeSet<>(List.of(afterIt, sameTimeButLater, beforeTheOverflow))));
    }

    @Test
    void aReadThatNeverHappenedIsMinusOneAndOneThatJustDidIsNotNegative() {
        Suspect suspect = suspect(1, 0);
        assertEquals(-1, suspect.millisSinceRead(1_000_000_000));
        suspect.readInVain(2_000_000_000);
        assertEquals(3_000, suspect.millisSinceRead(5_000_000_000L));
        assertEquals(0, suspect.millisSinceRead(1_000_000_000), "the reaper looked at the clock before the reader did");
        assertTrue(suspect.lastActivity() == 2_000_000_000);
    }

    /** The founding story: the answer was sent, the output shut, what had come was read, and then nothing was for ever. */
    @Test
    void oneReadThatFollowsTheHalfCloseAtOnceMakesNoConsumer() {
        Suspect suspect = suspect(1, 0);
        assertFalse(suspect.consumed());
        suspect.delivered(Suspect.FOLLOWS_AT_ONCE, false);
        suspect.readInVain(Suspect.FOLLOWS_AT_ONCE);

        assertFalse(suspect.consumed());
        assertEquals(1, suspect.deliveries());
        suspect.delivered(Suspect.FOLLOWS_AT_ONCE, false);
        assertTrue(suspect.consumed(), "it reads on");
        assertEquals(2, suspect.deliveries());
    }

    @Test
    void whoReadsOrAsksForInputLaterHasComeBackForMore() {
        Suspect reader = suspect(1, 0);
        reader.delivered(Suspect.FOLLOWS_AT_ONCE + 1, false);
        assertTrue(reader.consumed());

        Suspect asker = suspect(2, 0);
        asker.polled(Suspect.FOLLOWS_AT_ONCE);
        assertFalse(asker.consumed());
        asker.polled(Suspect.FOLLOWS_AT_ONCE + 1);
        assertTrue(asker.consumed());
        assertEquals(Suspect.FOLLOWS_AT_ONCE + 1, asker.lastActivity());
        assertEquals(0, asker.deliveries());
    }

    /** As one of a buffer that was too small for what had come. */
    @Test
    void aReadThatLeavesInputBehindMakesAConsumerAlsoAtOnce() {
        Suspect suspect = suspect(1, 0);
        suspect.delivered(1, true);
        assertTrue(suspect.consumed());
    }

    @Test
    void onlyTheFirstReadAtOnceIsAskedWhatItLeavesBehind() {
        Suspect suspect = suspect(1, 0);
        assertTrue(suspect.mayHaveReadAtOnce(Suspect.FOLLOWS_AT_ONCE));
        assertFalse(suspect.mayHaveReadAtOnce(Suspect.FOLLOWS_AT_ONCE + 1));
        suspect.delivered(1, false);
        assertFalse(suspect.mayHaveReadAtOnce(1));
    }

    /** The first may have been under way, with a timeout of its own; at once there may be as many as an event loop likes. */
    @Test
    void theSecondReadThatBringsNothingLaterIsOneOfAnApplicationThatPolls() {
        Suspect suspect = suspect(1, 0);
        for (int i = 0; i < 10; i++) {
            suspect.readInVain(Suspect.FOLLOWS_AT_ONCE);
        }
        suspect.readInVain(1_000_000_000);
        assertFalse(suspect.consumed());
        suspect.readInVain(2_000_000_000);
        assertTrue(suspect.consumed());
        assertEquals(1_000, suspect.millisSinceRead(3_000_000_000L));
    }

    /** OP_READ for a moment, again and again. */
    @Test
    void anInterestThatChangesAgainLaterIsOneOfAnApplicationThatPolls() {
        Suspect suspect = suspect(1, 0);
        for (int i = 0; i < 10; i++) {
            suspect.interestChanged(Suspect.FOLLOWS_AT_ONCE);
        }
        suspect.interestChanged(1_000_000_000);
        assertFalse(suspect.consumed());
        suspect.interestChanged(1_020_000_000);
        assertTrue(suspect.consumed());
        assertEquals(1_020_000_000, suspect.lastActivity());
    }

    /** TLS passes on a timeout of the read below it. */
    @Test
    void belowALayerTheSecondReadThatBringsNothingCountsToo() {
        Suspect suspect = suspect(1, 0);
        suspect.belowALayer();
        suspect.readInVain(1_000_000_000);
        assertFalse(suspect.consumed());
        suspect.readInVain(2_000_000_000);
        assertTrue(suspect.consumed());
    }

    /** A header, a body, and tickets before them: one read of the application's all the same. */
    @Test
    void underTlsTheReadsOfTheApplicationCount() {
        Suspect suspect = suspect(1, 0);
        for (int i = 0; i < 6; i++) {
            suspect.delivered(1, false);
        }
        suspect.deliveredByLayer(2, false);
        assertFalse(suspect.consumed());
        assertEquals(1, suspect.deliveries());
        suspect.deliveredByLayer(3, false);
        assertTrue(suspect.consumed());

        Suspect named = suspect(2, 0);
        named.belowALayer();
        for (int i = 0; i < 6; i++) {
            named.delivered(1, false);
        }
        assertFalse(named.consumed());
        named.deliveredByLayer(2, false);
        assertEquals(1, named.deliveries());
        named.delivered(Suspect.FOLLOWS_AT_ONCE + 1, false);
        assertTrue(named.consumed());
    }

    @Test
    void whatWasReadBeforeTheHalfCloseDoesNotCount() {
        Suspect suspect = suspect(1, 0);
        for (long second = 1; second < 10; second++) {
            suspect.delivered(second * 1_000_000_000, false);
        }
        assertTrue(suspect.consumed());
        suspect.halfClosed(10_000_000_000L);
        assertFalse(suspect.consumed());
        suspect.delivered(10_000_000_000L + Suspect.FOLLOWS_AT_ONCE, false);
        assertFalse(suspect.consumed());
    }

    private Suspect suspect(long number, long checkAt) {
        var suspect = new Suspect(world.socket(), 1, 0, CapturedStack.NOT_SAMPLED, number, 0);
        suspect.checkAt = checkAt;
        return suspect;
    }
}
