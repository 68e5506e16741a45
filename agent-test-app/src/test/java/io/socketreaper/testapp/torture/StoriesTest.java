package io.socketreaper.testapp.torture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A story that takes longer than the run waits for it looks like a connection that was harmed. */
class StoriesTest {
    private static final int PLANS = 50_000;
    /** On a busy loop, at 20 ms a read, 16 s. */
    private static final int MOST_READS = 800;

    @Test
    void theApplicationNeverReadsInTooManyPieces() {
        var conditions = Conditions.of("close/drain/all/100/600000");
        for (int number = 0; number < PLANS; number++) {
            var plan = Plan.of(933094087, number, conditions);
            int reads = plan.app().stream()
                    .mapToInt(
                            step -> step instanceof Step.Receive receive ? pieces(receive.bytes(), receive.piece()) : 1)
                    .sum();
            assertTrue(reads <= MOST_READS, reads + " reads: " + plan);
        }
    }

    /** Else the peer waits for ever for an application that has leaked the connection. */
    @Test
    void whatTheApplicationLeavesUnreadFitsIntoABuffer() {
        var conditions = Conditions.of("close/drain/all/100/600000");
        for (int number = 0; number < PLANS; number++) {
            var plan = Plan.of(958163217, number, conditions);
            if (plan.story().equals("leak-peer-closed")) {
                for (Step step : plan.peer()) {
                    if (step instanceof Step.Send last
                            && plan.peer().indexOf(step) == plan.peer().size() - 2) {
                        int pieces = pieces(last.bytes(), last.piece());
                        assertTrue(pieces <= LeakStories.PIECES, pieces + " pieces: " + plan);
                    }
                }
            }
        }
    }

    private static int pieces(int bytes, int piece) {
        return (bytes + piece - 1) / piece;
    }
}
