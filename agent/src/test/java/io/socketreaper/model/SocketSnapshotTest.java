package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.SocketSnapshot.Holder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SocketSnapshotTest {
    @Test
    void aConnectionThatDiffersByAResetAloneWasReset() {
        assertTrue(closeWait(7, true).wasReset(closeWait(7, false)));
        assertTrue(closeWait(0, true)
                .withTls(5, false)
                .wasReset(closeWait(0, false).withTls(5, false)));
    }

    @Test
    void aConnectionThatWasResetBeforeOrIsNotResetWasNotResetSince() {
        assertFalse(closeWait(7, true).wasReset(closeWait(7, true)));
        assertFalse(closeWait(7, false).wasReset(closeWait(7, false)));
    }

    @Test
    void aResetAfterWhichInputIsMissingWasPrecededByARead() {
        assertFalse(closeWait(0, true).wasReset(closeWait(7, false)));
        assertFalse(closeWait(0, true)
                .withTls(0, false)
                .wasReset(closeWait(0, false).withTls(5, false)));
    }

    @ParameterizedTest
    @EnumSource(Holder.class)
    void aListenerWhoseObjectWasCollectedIsOnlyReportedAndSoIsEveryUnusedSocket(Holder hold) {
        assertEquals(
                hold == Holder.UNUSED || hold == Holder.UNREACHABLE,
                snapshot(hold, TcpState.LISTEN).isOnlyReported());
        assertEquals(hold == Holder.UNUSED, snapshot(hold, TcpState.ESTABLISHED).isOnlyReported());
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void aReadOrAWriteInALayerAboveCountsLikeOneOfTheSocket(boolean reading, boolean writing) {
        var idle = closeWait(0, false);
        var busy = new SocketSnapshot(Holder.OPEN, TcpState.CLOSE_WAIT, 0, false, false, false, true, false, true);

        assertEquals(reading, idle.withUse(reading, writing).reading());
        assertEquals(writing, idle.withUse(reading, writing).writing());
        assertEquals(busy, busy.withUse(reading, writing));
    }

    private static SocketSnapshot closeWait(int unread, boolean reset) {
        return new SocketSnapshot(Holder.OPEN, TcpState.CLOSE_WAIT, unread, false, reset, false, false, false, false);
    }

    private static SocketSnapshot snapshot(Holder hold, TcpState state) {
        return new SocketSnapshot(hold, state, 0, false, false, false, false, false, false);
    }
}
