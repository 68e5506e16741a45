package io.socketreaper.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The probes against the real kernel, between two hosts of their own: {@link ProbedNetwork}, which is run once. As root. */
class PeerProbeNetworkTest {
    private static final int PATIENCE_SECONDS = 120;

    private static final Map<String, String> SAID = new TreeMap<>();

    @BeforeAll
    static void run() throws Exception {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root can make a network namespace");
        var process = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        "ip link set lo up && exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
                        "--add-opens=java.base/java.net=ALL-UNNAMED",
                        "--add-opens=java.base/java.io=ALL-UNNAMED",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                        "--add-opens=java.base/sun.security.ssl=ALL-UNNAMED",
                        "-cp",
                        locationOf(ProbedNetwork.class) + File.pathSeparator + locationOf(PeerProbe.class),
                        ProbedNetwork.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            var lines = process.inputReader().lines().toList();
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            for (String line : lines) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    SAID.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
            assertEquals("true", SAID.get("done"), () -> String.join("\n", lines));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static Path locationOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** All results whose names are like that have this value. */
    private static void expect(String value, int count, String names) {
        var found = SAID.keySet().stream()
                .filter(name -> name.matches(names))
                .collect(Collectors.toMap(name -> name, SAID::get));
        assertEquals(count, found.size(), found::toString);
        found.forEach((name, said) -> assertEquals(value, said, name));
    }

    @Test
    void aPeerThatHasOnlyHalfClosedAnswers() {
        expect("ANSWERS", 6, "staying-(channel|socket|async)-[46]");
        expect("ANSWERS", 1, "with-keepalive");
    }

    @Test
    void aPeerThatIsOpenAnswersOnAConnectionThatWeHaveHalfClosed() {
        expect("ANSWERS", 1, "half-closed-by-us");
    }

    @Test
    void aPeerThatHasClosedAnswersAtFirstAndIsGoneOnceItsKernelHasForgottenIt() {
        expect("ANSWERS", 6, "closing-(channel|socket|async)-[46]-at-first");
        expect("GONE", 6, "closing-(channel|socket|async)-[46]-later");
    }

    @Test
    void aPeerThatHasDiedIsGone() {
        expect("GONE", 4, "dying-(channel|socket|async|half-closed)");
    }

    @Test
    void whatAPeerHasSentBeforeItClosedIsReadAfterTheResetAndThenTheEnd() {
        expect("6 read -1 read -1 write IOException Broken pipe", 4, "closing-(channel|async)-[46]-meets");
        expect("6 read -1 read -1 write SocketException Broken pipe", 2, "closing-socket-[46]-meets");
    }

    @Test
    void whatAPeerHasSentBeforeItDiedIsReadAfterTheResetAndThenTheFailure() {
        expect(
                "6 read SocketException Connection reset read SocketException Connection reset write IOException Broken pipe",
                1,
                "dying-channel-meets");
        expect(
                "6 read SocketException Connection reset read SocketException Connection reset write SocketException Broken pipe",
                1,
                "dying-socket-meets");
        expect(
                "6 read SocketException Connection reset read SocketException Connection reset write ClosedChannelException",
                1,
                "dying-half-closed-meets");
        // The JDK's asynchronous channels forget the reset, with or without a probe.
        expect("6 read IOException Connection reset read -1 write IOException Broken pipe", 1, "dying-async-meets");
    }

    @Test
    void aPeerThatIsCutOffIsSilentAndItsConnectionGoesOnAfterwards() {
        expect("SILENT", 8, "(staying-(channel|socket|async)-[46]|half-closed-by-us|with-keepalive)-cut-off");
        expect("SILENT", 8, "(staying-(channel|socket|async)-[46]|half-closed-by-us|with-keepalive)-cut-off-again");
        expect("ANSWERS", 8, "(staying-(channel|socket|async)-[46]|half-closed-by-us|with-keepalive)-back");
        expect("6", 8, ".*-reads");
        expect("after", 7, ".*-peer-got");
    }

    @Test
    void anIdlePeerAnswersOneSegment() {
        expect("ANSWERS", 3, "idle-(channel|socket|async)");
        int sockets = number("idle-sockets");
        for (String direction : List.of("sent", "received")) {
            int frames = number("idle-frames-" + direction);
            // And a few to find the neighbour.
            assertTrue(frames >= sockets && frames < 2 * sockets + 4, frames + " frames " + direction);
        }
    }

    @Test
    void anIdlePeerThatIsCutOffIsSilentAndItsConnectionGoesOnAfterwards() {
        expect("SILENT", 3, "idle-(channel|socket|async)-cut-off");
        expect("ANSWERS", 3, "idle-(channel|socket|async)-back");
        expect("6", 3, "idle-[a-z]+-has-read");
        expect("after", 3, "idle-[a-z]+-peer-has-read");
    }

    @Test
    void anIdlePeerThatVanishedWithoutAFinIsGoneOnceItsHostIsBack() {
        expect("ANSWERS", 3, "vanished-(channel|socket|async)-before");
        expect("GONE", 3, "vanished-(channel|socket|async)");
        expect(
                "6 read SocketException Connection reset read SocketException Connection reset write IOException Broken pipe",
                1,
                "vanished-channel-meets");
    }

    @Test
    void anIdleConnectionWithKeepaliveOfItsOwnIsNotAsked() {
        expect("UNKNOWN", 1, "idle-with-keepalive");
    }

    @Test
    void oneThatWasSilentForLongIsNotAskedAnyMoreUntilItAnswersToSomethingElse() {
        expect("SILENT", 1, "exhausted-when-exhausted");
        expect("0", 1, "exhausted-sent");
        expect("ANSWERS", 1, "exhausted-after-traffic");
    }

    @Test
    void theKernelSendsNoProbeByItself() {
        expect("1", 1, "left-alone-unanswered");
    }

    @Test
    void anAskingSendsThreeSegmentsWithoutDataAndIsAnsweredByAsMany() {
        int sockets = number("sockets");
        // And a few to find the neighbour.
        int most = 3 * sockets + 10;
        for (String direction : List.of("sent", "received")) {
            int frames = number("frames-" + direction);
            assertTrue(frames >= 3 * sockets && frames <= most, frames + " frames " + direction);
            int bytes = number("bytes-" + direction);
            // Ethernet 14, IPv6 40, TCP 20 and its timestamps 12.
            assertTrue(bytes <= most * 86, bytes + " bytes " + direction);
        }
    }

    private static int number(String name) {
        return Integer.parseInt(SAID.get(name));
    }

    @Test
    void theApplicationsOptionsAreAsBeforeExceptThatItsOwnKeepaliveLosesNoProbe() {
        expect("", 0, "changed-.*");
        // Its own 2, five of ours that are unanswered, and one more.
        expect("8", 1, "with-keepalive-count-cut-off");
    }
}
