package io.socketreaper.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Peer;
import io.socketreaper.model.Action;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.report.Leaks;
import io.socketreaper.stack.Claim;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is reported of a socket that was emptied in one step with its claim or its close. */
class ReleaseResultTest {
    /** A peer cannot send before the connect has ended, so the agent waits for no input. */
    @ParameterizedTest
    @CsvSource({"UNREACHABLE, SYN_SENT, false", "UNREACHABLE, ESTABLISHED, true", "OPEN, SYN_SENT, false"})
    void aSocketThatIsBeingConnectedIsNotEmptied(Holder hold, TcpState state, boolean emptied) {
        var snapshot = new SocketSnapshot(hold, state, 0, false, false, false, false, false, false);
        assertEquals(emptied, ReleaseTask.isToBeEmptied(snapshot.kind(), snapshot, Action.DRAIN));
    }

    private static final byte[] FIRST = "RSET\r\n".getBytes(StandardCharsets.ISO_8859_1);

    @ParameterizedTest
    @CsvSource({"false, false, WITH_CLOSE", "true, false, END_OF_INPUT", "false, true, RESET", "true, true, RESET"})
    void whatEndedItIsWhatTheClaimHasMet(boolean endOfInput, boolean reset, DrainEnd end) {
        var drained = drained(6, new Claim.Emptied(70_000, FIRST, endOfInput, reset));

        assertEquals(end, drained.end());
        assertEquals(70_000, drained.bytes());
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, R", "5, 'RSET\\r'", "6, 'RSET\\r\\n'", "256, 'RSET\\r\\n'"})
    void thePreviewShowsAsManyOfItsFirstBytesAsItMay(int preview, String text) {
        assertEquals(
                text, drained(preview, new Claim.Emptied(6, FIRST, true, false)).preview());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneThatWasNotEmptiedWasClosedByTheApplicationFirst(boolean tried) {
        var result = new ReleaseResult(0);
        result.emptiedWithClose = true;

        assertEquals(
                new Outcome.ClosedByApplication(0, 3),
                result.outcome(Leaks.leak(Leaks.PEER_OPEN), new FinishedClaim(null, false, false), tried, 3));
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, 6, END",
        "true, false, 6, RESET",
        "false, true, 6, UNREAD",
        "false, true, 1, UNREAD",
        "false, true, 0, UNFINISHED"
    })
    void thePeerSeesWhatTheClaimHasMadeOfTheConnection(boolean reset, boolean byUnread, int unread, Peer seen) {
        Leak leak = Leaks.leak(
                new SocketSnapshot(Holder.OPEN, TcpState.CLOSE_WAIT, unread, true, false, false, false, false, false));
        var claim = new FinishedClaim(null, reset, byUnread);

        Outcome outcome = new ReleaseResult(0).outcome(leak, claim, true, 3);
        assertEquals(seen, outcome.told().peer());
    }

    private static Outcome.Drained drained(int preview, Claim.Emptied emptied) {
        var result = new ReleaseResult(preview);
        result.emptiedWithClose = true;
        var claim = new FinishedClaim(emptied, false, false);
        return assertInstanceOf(Outcome.Drained.class, result.outcome(Leaks.leak(Leaks.PEER_OPEN), claim, true, 3));
    }

    /** One whose socket is gone. */
    private record FinishedClaim(Emptied emptied, boolean isReset, boolean tellsByUnread) implements Claim {
        @Override
        public SocketSnapshot snapshot() {
            return SocketSnapshot.gone();
        }

        @Override
        public int read(ByteBuffer discarded) {
            return WITH_CLOSE;
        }

        @Override
        public String owner() {
            return "imaginary owner";
        }

        @Override
        public void close() {}
    }
}
