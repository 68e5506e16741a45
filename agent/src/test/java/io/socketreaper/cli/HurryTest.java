package io.socketreaper.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.Clock;
import io.socketreaper.procfs.RecordedProc;
import io.socketreaper.procfs.RepeatedScan;
import io.socketreaper.procfs.ScanReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HurryTest {
    private static final Duration LONG = Duration.ofHours(24);

    @Test
    void aPauseEndsOnceAndTheThreadIsNotInterrupted() throws Exception {
        try (var hurry = Hurry.atExit()) {
            var asking = new Thread(hurry::hurry);
            asking.start();
            assertThrows(InterruptedException.class, () -> hurry.pause(LONG));
            assertFalse(Thread.currentThread().isInterrupted());
            hurry.pause(Duration.ofMillis(1));
            assertTrue(asking.isAlive(), "this JVM stays until the command is done");
            hurry.close();
            asking.join(TimeUnit.SECONDS.toMillis(30));
            assertFalse(asking.isAlive());
        }
    }

    /** As Ctrl-C during the first look, in the middle of a file. */
    @Test
    void aScanThatIsHurriedFromTheBeginningStillLooksTwiceAtEverything(@TempDir Path directory) throws Exception {
        var proc = new RecordedProc(directory).sockets(10, 45);
        try (var hurry = Hurry.atExit()) {
            var asking = new Thread(hurry::hurry);
            asking.start();
            while (asking.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            var report = ScanReport.of(new RepeatedScan(proc.process(), Clock.SYSTEM, hurry::pause).run(LONG));
            assertEquals(35, report.finished().count());
            assertEquals("leaking", report.verdict().state());
        }
    }
}
