package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.DryRun;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.model.Grade;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With {@code action=log} the agent counts for which leaks the application came back. */
class DetectorDryRunTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World("action=log,timeout=10s,silent.timeout=10s");
    }

    private ImaginarySocket reported() {
        ImaginarySocket socket = world.halfClosedSocket();
        socket.peerSends("late");
        socket.peerCloses();
        world.pass(Duration.ofSeconds(13));
        return socket;
    }

    private DryRun dryRun() {
        assertEquals(1, world.sites.all().size());
        LeakSite site = world.sites.all().iterator().next();
        DryRun dryRun = site.dryRun(Grade.STRONG);
        assertEquals(site.found(Grade.STRONG), dryRun.reported());
        return dryRun;
    }

    @Test
    void aLeakThatIsNeverTouchedAgainIsReportedOnly() {
        reported();
        world.pass(Duration.ofHours(5));

        assertEquals(1, dryRun().reported());
        assertEquals(0, dryRun().used() + dryRun().closed());
        assertEquals(0, dryRun().longestMillis());
        assertTrue(dryRun().leastIdleMillis() >= 10_000, () -> "" + dryRun().leastIdleMillis());
    }

    @Test
    void oneThatIsReadLaterCountsWithTheTimeThatItWasIdle() {
        ImaginarySocket socket = reported();
        world.pass(Duration.ofSeconds(47));
        world.reads(socket);
        world.pass(Duration.ofSeconds(30));

        assertEquals(1, dryRun().used());
        assertEquals(0, dryRun().closed());
        assertEquals(60_000, dryRun().longestMillis(), 1_500);
        assertEquals(dryRun().shortestMillis(), dryRun().longestMillis());
    }

    @Test
    void oneThatIsClosedLaterCountsApart() {
        ImaginarySocket socket = reported();
        world.pass(Duration.ofSeconds(7));
        socket.applicationCloses();
        world.events.closed(socket);
        world.pass(Duration.ofMinutes(1));

        assertEquals(0, dryRun().used());
        assertEquals(1, dryRun().closed());
        assertTrue(dryRun().longestMillis() >= 20_000 - 1_500, () -> "" + dryRun().longestMillis());
    }

    @Test
    void oneThatIsReadAndClosedAtOnceWasInUse() {
        ImaginarySocket socket = reported();
        world.pass(Duration.ofSeconds(62));
        world.reads(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
        assertEquals(75_000, dryRun().longestMillis(), 1_500);
    }

    @Test
    void oneWhoseEndIsReadBeforeItIsClosedWasInUse() {
        ImaginarySocket socket = reported();
        world.events.readNothing(socket);
        world.events.endOfInput(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
    }

    @Test
    void oneThatIsWrittenAndClosedAtOnceWasInUse() {
        ImaginarySocket socket = peerClosed();
        world.writes(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
    }

    /** Frameworks do that to a channel that they close. */
    @Test
    void aChangeOfInterestBeforeTheCloseIsNoUse() {
        ImaginarySocket socket = reported();
        world.events.interestChanged(socket);
        world.events.interestChanged(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(0, 1);
    }

    @Test
    void whatWasReadBeforeTheReportIsNoUse() {
        ImaginarySocket socket = world.halfClosedSocket();
        world.reads(socket);
        socket.peerCloses();
        world.pass(Duration.ofSeconds(13));
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(0, 1);
    }

    @Test
    void whatTlsReadsAndWritesWhileItIsClosedIsNoUse() {
        ImaginarySocket socket = peerClosed().belowTls();
        world.writes(socket);
        world.reads(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(0, 1);
    }

    @Test
    void whatIsReadFromTlsBeforeTheCloseIsUse() {
        ImaginarySocket socket = peerClosed().belowTls();
        world.events.layerDelivered(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
    }

    @Test
    void theEndOfInputThatTlsTellsBeforeTheCloseIsUse() {
        ImaginarySocket socket = peerClosed().belowTls();
        world.events.layerEndOfInput(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
    }

    @Test
    void onceTlsHasEndedTheReadsOfTheSocketCount() {
        ImaginarySocket socket = peerClosed().belowTls();
        world.events.layerEnded(socket);
        world.reads(socket);
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
    }

    /** On a stack that does not tell of every read. */
    @Test
    void inputThatBecomesLessWithoutAnEventIsUse() {
        ImaginarySocket socket = reported();
        socket.readsSome();
        world.pass(Duration.ofMinutes(2));

        assertCounted(1, 0);
    }

    @Test
    void inputThatAResetTakesIsNoUse() {
        ImaginarySocket socket = reported();
        socket.peerResets();
        socket.nothingUnread();
        world.pass(Duration.ofMinutes(2));
        close(socket);
        world.pass(Duration.ofMinutes(1));

        assertCounted(0, 1);
    }

    @Test
    void oneThatIsReadAndThenGoneWithoutAnEventWasInUse() {
        ImaginarySocket socket = reported();
        world.reads(socket);
        socket.applicationCloses();
        world.pass(Duration.ofMinutes(1));

        assertCounted(1, 0);
    }

    /** Reported as weak: its peer has closed, and it is neither read nor written. */
    private ImaginarySocket peerClosed() {
        world = new World("action=log,track=all,timeout=10s,weak.timeout=10s");
        ImaginarySocket socket = world.openedSocket();
        socket.peerCloses();
        world.pass(Duration.ofMinutes(1));
        assertEquals(1, only().dryRun(Grade.WEAK).reported());
        return socket;
    }

    private void close(ImaginarySocket socket) {
        socket.applicationCloses();
        world.events.closed(socket);
        world.events.released(socket);
    }

    private void assertCounted(int used, int closed) {
        long usedInAll = 0;
        long closedInAll = 0;
        for (Grade grade : Grade.values()) {
            usedInAll += only().dryRun(grade).used();
            closedInAll += only().dryRun(grade).closed();
        }
        assertEquals(used + " used, " + closed + " closed", usedInAll + " used, " + closedInAll + " closed");
    }

    private LeakSite only() {
        assertEquals(1, world.sites.all().size());
        return world.sites.all().iterator().next();
    }

    @Test
    void whatIsReleasedOrExcludedIsNoDryRun() {
        world = new World("action=drain,timeout=10s,silent.timeout=10s");
        reported();
        assertEquals(1, world.sites.all().size());
        assertEquals(0, world.sites.all().iterator().next().dryRun(Grade.STRONG).reported());

        world = new World("action=log,timeout=10s,silent.timeout=10s,exclude=stack:*");
        reported();
        assertEquals(0, world.sites.all().iterator().next().dryRun(Grade.STRONG).reported());
    }
}
