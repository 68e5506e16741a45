package io.socketreaper.procfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.FakeClock;
import io.socketreaper.procfs.ScanReport.Listening;
import io.socketreaper.procfs.ScanReport.Peer;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several looks at a recorded process come to. */
class RepeatedScanTest {
    private static final String LISTENER = "00000000:1F90";
    private static final String NOBODY = "00000000:0000";
    private static final String LOCAL = "0100007F:1F90";
    private static final String PEER = "0A01A8C0:D431";
    private static final String OTHER_LISTENER = "00000000:0019";

    @TempDir
    private Path directory;

    private RecordedProc proc;
    private final FakeClock clock = new FakeClock();

    @BeforeAll
    static void recordedOnALittleEndianMachine() {
        Assumptions.assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    }

    @BeforeEach
    void record() {
        proc = new RecordedProc(directory);
    }

    @Test
    void theCensusNamesEveryKind() throws Exception {
        proc.sockets(5, 7)
                .fd(0, "/dev/null")
                .fd(1, "pipe:[9]")
                .fd(2, "/var/log/server.log (deleted)")
                .fd(3, "anon_inode:[eventpoll]")
                .fd(4, "anon_inode:inotify")
                .fd(8, "/memfd:cache (deleted)")
                .fd(9, "mnt:[4026]")
                .tcp(LISTENER, NOBODY, "0A", 3, 5)
                .tcp(LOCAL, PEER, "01", 100, 6);
        var report = scan();
        assertEquals(
                Map.of("device", 1, "pipe", 1, "file", 1, "eventpoll", 1, "inotify", 1, "memfd", 1, "mnt", 1),
                report.others());
        assertEquals(Map.of("LISTEN", 1, "ESTABLISHED", 1), report.sockets().tcp());
        assertEquals(List.of(new Listening("*:8080", 3)), report.listening());
        assertEquals(List.of(new Peer("192.168.1.10", 1, 0, 0)), report.peers());
        assertEquals(new ScanReport.Unread(100, 1), report.unread());
        assertEquals("mail (S) server", report.name());
        assertEquals(List.of("/opt/mail/bin/serverd", "--port", "25"), report.arguments());
        assertEquals("clean", report.verdict().state());
    }

    @Test
    void socketsInNoTableAreALeakAndTheOnlyPortIsTheirsMostLikely() throws Exception {
        proc.sockets(5, 417).tcp(LISTENER, NOBODY, "0A", 0, 5);
        var report = scan();
        assertEquals(411, report.finished().count());
        assertEquals(8080, report.finished().port());
        assertEquals("inferred", report.finished().from());
        assertNull(report.finished().perSecond());
        assertEquals(
                new ScanVerdict(
                        "leaking",
                        "411 of 1024 descriptors are sockets whose connection is over but that the "
                                + "process still holds (lsof: 'protocol: TCP'); most likely they were connections to port 8080 "
                                + "(inferred: it is the only port that this process listens on, and no connection that it has made is open)."),
                report.verdict());
    }

    @Test
    void whatIsInNoTableForAMomentIsNoLeak() throws Exception {
        proc.sockets(5, 105);
        var report = scan(Duration.ZERO, look -> {
            for (int socket = 5; socket < 105; socket++) {
                proc.closed(socket);
            }
            proc.sockets(105, 205);
        });
        assertEquals(100, report.sockets().inNoTable());
        assertEquals(0, report.finished().count());
        assertEquals("clean", report.verdict().state());
    }

    @Test
    void aSocketThatVanishesFromTheTablesIsKnownByItsLastLine() throws Exception {
        proc.sockets(5, 7).tcp(LISTENER, NOBODY, "0A", 0, 5).tcp(OTHER_LISTENER, NOBODY, "0A", 0, 6);
        var report = scan(Duration.ofSeconds(10), look -> {
            proc.noTcp()
                    .tcp(LISTENER, NOBODY, "0A", 0, 5)
                    .tcp(OTHER_LISTENER, NOBODY, "0A", 0, 6)
                    .sockets(6 + look, 7 + look)
                    .tcp("0100007F:0019", PEER, "05", 6, 6 + look);
        });
        // 20 looks after the first, each found one more; the last is still in a table, the one before not yet
        // confirmed.
        assertEquals(18, report.finished().count());
        assertEquals("observed", report.finished().from());
        assertEquals(25, report.finished().port());
        assertEquals(18, report.finished().observed());
        assertEquals(List.of(new Peer("192.168.1.10", 1, 0, 18)), report.peers());
        assertEquals(new ScanReport.Descriptors(22, 1024L, 2, 20, 2.0, 501L), report.descriptors());
        assertEquals(
                "18 of 1024 descriptors are sockets whose connection is over but that the process still holds "
                        + "(lsof: 'protocol: TCP'), +1.9/s; at +2.0/s the limit is reached in 8 min 21 s; they were connections to "
                        + "port 25.",
                report.verdict().sentence());
    }

    @Test
    void ofSeveralPortsTheOneWithHalfClosedConnectionsIsInferred() throws Exception {
        proc.sockets(5, 40)
                .tcp(LISTENER, NOBODY, "0A", 0, 5)
                .tcp(OTHER_LISTENER, NOBODY, "0A", 0, 6)
                .tcp(LOCAL, PEER, "01", 0, 7)
                .tcp(LOCAL, "0A01A8C0:D432", "01", 0, 8)
                .tcp("0100007F:0019", PEER, "04", 0, 9);
        var finished = scan().finished();
        assertEquals(25, finished.port());
        assertEquals(
                "only on this port are connections that this process has half-closed (FIN_WAIT): 1",
                finished.because());
    }

    @Test
    void aClientsConnectionsAreNamedByWhereTheyWent() throws Exception {
        proc.sockets(5, 40).tcp("0100007F:D431", "0A01A8C0:01BB", "01", 0, 5);
        assertEquals("192.168.1.10:443", scan().finished().remote());
    }

    /** The pile of CLOSE_WAIT is another leak, and the finished ones may be connections to the database. */
    @Test
    void anotherLeakIsNoSignOfTheOrigin() throws Exception {
        proc.sockets(5, 60).tcp(LISTENER, NOBODY, "0A", 0, 5).tcp(OTHER_LISTENER, NOBODY, "0A", 0, 6);
        for (int socket = 7; socket < 37; socket++) {
            proc.tcp(LOCAL, PEER, "08", 0, socket);
        }
        var finished = scan().finished();
        assertEquals("unknown", finished.from());
        assertNull(finished.port());
        assertEquals(
                "this process listens on 25, 8080, and no connection tells one from the other", finished.because());
    }

    @Test
    void theOnlyPortIsNotNamedWhereConnectionsWereMadeAsWell() throws Exception {
        proc.sockets(5, 40)
                .tcp(LISTENER, NOBODY, "0A", 0, 5)
                .tcp("0100007F:D431", "0A01A8C0:01BB", "01", 0, 6)
                .tcp("0100007F:D432", "0B01A8C0:01BB", "01", 0, 7);
        var report = scan();
        assertEquals("unknown", report.finished().from());
        assertTrue(
                report.verdict()
                        .sentence()
                        .endsWith(
                                "; where they came from is not known: this process listens on 8080 and has made connections"
                                        + " to 192.168.1.10:443 and 1 more (--watch 1m would show it of those that end meanwhile)."),
                report.verdict().sentence());
    }

    @Test
    void halfClosedConnectionsOfBothDirectionsTellNothing() throws Exception {
        proc.sockets(5, 40)
                .tcp(LISTENER, NOBODY, "0A", 0, 5)
                .tcp(LOCAL, PEER, "05", 0, 6)
                .tcp("0100007F:D431", "0A01A8C0:01BB", "05", 0, 7);
        assertEquals("unknown", scan().finished().from());
    }

    @Test
    void aClientOfSeveralPeersIsNotSaidToHaveLostThoseOfOne() throws Exception {
        proc.sockets(5, 40)
                .tcp("0100007F:D431", "0A01A8C0:01BB", "01", 0, 5)
                .tcp("0100007F:D432", "0A01A8C0:01BB", "01", 0, 6)
                .tcp("0100007F:D433", "0B01A8C0:01BB", "01", 0, 7);
        assertEquals("unknown", scan().finished().from());
    }

    @Test
    void withoutAnyHintTheOriginIsUnknown() throws Exception {
        proc.sockets(5, 40);
        assertEquals("unknown", scan().finished().from());
    }

    @Test
    void closeWaitThatPilesUpIsALeak() throws Exception {
        proc.sockets(5, 6).tcp(LISTENER, NOBODY, "0A", 0, 5);
        var report = scan(
                Duration.ofSeconds(5),
                look -> proc.sockets(5 + look, 6 + look).tcp(LOCAL, PEER, "08", look % 2, 5 + look));
        assertEquals("leaking", report.verdict().state());
        assertEquals(9, report.closeWait().count());
        assertEquals(4, report.closeWait().endRead());
        assertEquals(8080, report.closeWait().port());
        assertTrue(
                report.verdict()
                        .sentence()
                        .startsWith(
                                "9 of 1024 descriptors are connections that their peers have "
                                        + "ended and that this process does not close (CLOSE_WAIT); it has read the end of 4 of them, "),
                report.verdict().sentence());
    }

    @Test
    void closeWaitThatOnlyStandsIsSuspicious() throws Exception {
        proc.sockets(5, 35);
        for (int socket = 5; socket < 35; socket++) {
            proc.tcp(LOCAL, PEER, "08", 0, socket);
        }
        assertEquals("suspicious", scan().verdict().state());
        assertEquals(
                "suspicious", scan(Duration.ofSeconds(3), look -> {}).verdict().state());
    }

    @Test
    void halfClosedConnectionsWithUnreadBytesAreSuspicious() throws Exception {
        proc.sockets(5, 35);
        for (int socket = 5; socket < 35; socket++) {
            proc.tcp(LOCAL, PEER, "05", 6, socket);
        }
        var report = scan();
        assertEquals("suspicious", report.verdict().state());
        assertEquals(new ScanReport.Unread(180, 30), report.unread());
    }

    @Test
    void shortageAndGrowthWithoutSocketsNameTheirKind() throws Exception {
        for (int file = 0; file < 95; file++) {
            proc.fd(file, "/var/spool/mail/" + file);
        }
        var near = proc.limit(100);
        assertEquals(
                "95 of 100 descriptors are open, but not because of sockets whose connection is over: most are of the kind 'file'.",
                scan().verdict().sentence());
        near.limit(1000);
        var report = scan(Duration.ofSeconds(10), look -> proc.fd(200 + look, "pipe:[" + look + "]"));
        assertEquals(
                new ScanVerdict(
                        "growing",
                        "115 of 1000 descriptors are open, but not because of sockets whose connection is over: the "
                                + "kind that grows is 'pipe'; at +2.0/s the limit is reached in 7 min 22 s."),
                report.verdict());
    }

    @Test
    void aTableThatCannotBeReadLeavesTheVerdictOpen() throws Exception {
        proc.sockets(5, 100).file("net/tcp6/is", "a directory");
        var report = scan();
        assertEquals(List.of("tcp6"), report.unreadableTables());
        assertEquals(0, report.finished().count());
        assertEquals("unknown", report.verdict().state());
    }

    @Test
    void aProcessThatEndsIsReportedAsItWas() throws Exception {
        proc.sockets(5, 40);
        var report = ScanReport.of(watch(Duration.ofSeconds(10), look -> {
            if (look == 4) {
                proc.end();
            }
        }));
        assertTrue(report.ended());
        assertEquals(35, report.finished().count());
        assertEquals(4, report.looks());
    }

    @Test
    void anInterruptedWatchTellsWhatItHasSeen() throws Exception {
        proc.sockets(10, 45);
        var looks = new int[1];
        var report = ScanReport.of(new RepeatedScan(proc.process(), clock, pause -> {
                    clock.advance(pause);
                    if (++looks[0] == 1) {
                        throw new InterruptedException();
                    }
                })
                .run(Duration.ofHours(24)));
        assertEquals(35, report.finished().count());
        assertEquals(2, report.looks());
        assertEquals(2, looks[0], "no two looks at once");
        assertFalse(report.ended());
    }

    /** Ctrl-C may come during the first look. */
    @Test
    void aWatchInterruptedAtItsStartLooksTwice() throws Exception {
        proc.sockets(10, 45);
        Thread.currentThread().interrupt();
        var report = ScanReport.of(new RepeatedScan(proc.process(), clock, pause -> {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    clock.advance(pause);
                })
                .run(Duration.ofHours(24)));
        assertEquals(35, report.finished().count());
        assertEquals(2, report.looks());
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertEquals(
                "there is no process 4243",
                assertThrows(
                                ProcessGoneException.class,
                                () -> new RepeatedScan(proc.fs().process(4243), clock, clock::advance)
                                        .run(Duration.ZERO))
                        .getMessage());
        proc.end();
        assertEquals(
                "process 4242 has ended; its parent has not taken notice yet (zombie)",
                assertThrows(
                                ProcessGoneException.class,
                                () -> new RepeatedScan(proc.process(), clock, clock::advance).run(Duration.ZERO))
                        .getMessage());
    }

    /** On a machine so busy that the watch is over before there were looks enough. */
    @Test
    void aWatchTellsGrowthHoweverLongALookTakes() throws Exception {
        proc.sockets(5, 417).tcp(LISTENER, NOBODY, "0A", 0, 5);
        var report = scan(Duration.ofSeconds(2), look -> clock.advance(Duration.ofSeconds(3)));
        assertEquals(0.0, report.finished().perSecond());
    }

    private ScanReport scan() throws IOException, InterruptedException {
        return scan(Duration.ZERO, look -> {});
    }

    private ScanReport scan(Duration time, IntConsumer betweenLooks) throws IOException, InterruptedException {
        return ScanReport.of(watch(time, betweenLooks));
    }

    /** @param betweenLooks is told how many looks there were */
    private RepeatedScan watch(Duration time, IntConsumer betweenLooks) throws IOException, InterruptedException {
        var looks = new int[1];
        return new RepeatedScan(proc.process(), clock, pause -> {
                    clock.advance(pause);
                    betweenLooks.accept(++looks[0]);
                })
                .run(time);
    }
}
