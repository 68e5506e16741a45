package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.WireCodec;
import io.socketreaper.procfs.ProcFs;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The limit of a real process. */
class RaisedLimitTest {
    private Process process;

    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder("bash", "-c", "ulimit -S -n 60 && echo ready && exec sleep 60").start();
        process.inputReader().readLine();
    }

    @AfterEach
    void end() throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    }

    @Test
    void whereThereIsRoomNothingIsChanged() {
        try (var room = room(10, true)) {
            assertEquals(60, limit());
            assertNull(room.change());
        }
        assertEquals(60, limit());
    }

    @Test
    void whereThereIsNoneItIsMadeAndTheLimitPutBack() {
        try (var room = room(70, true)) {
            assertEquals(316, limit());
            assertEquals(new WireCodec.LimitChange(316, 60), room.change());
        }
        assertEquals(60, limit());
    }

    @Test
    void unlessThatIsWantedItIsOnlySaidHow() {
        var refused = assertThrows(CliException.class, () -> room(70, false));

        assertTrue(
                refused.getMessage().contains("prlimit --pid " + process.pid() + " --nofile=316:"),
                refused.getMessage());
        assertEquals(60, limit());
    }

    @Test
    void thatTheProcessHasEndedIsNoFailure() throws InterruptedException {
        try (var room = room(70, true)) {
            assertEquals(new WireCodec.LimitChange(316, 60), room.change());
            end();
        }
    }

    private RaisedLimit room(int descriptors, boolean make) {
        return RaisedLimit.in(ProcFs.SYSTEM, process.pid(), descriptors, make);
    }

    private long limit() {
        return ProcFs.SYSTEM.process(process.pid()).limit().orElseThrow();
    }
}
