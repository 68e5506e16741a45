package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.AgentSays.watching;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RunResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Applications that half-close and are in no hurry: nothing is touched and nothing is reported, run after run.
 * {@code -Dwellbehaved.runs=50} plays each fifty times in a row.
 */
@Isolated
@Execution(ExecutionMode.SAME_THREAD)
class WellBehavedIT {
    private static final List<String> SCENARIOS = List.of(
            "slow-consumer",
            "long-wait",
            "relay",
            "own-linger",
            "late-reader",
            "long-answer",
            "unix-wait",
            "socket-wait",
            "async-late-reader",
            "tls-long-wait",
            "tls-slow-consumer");
    private static final int RUNS = Integer.getInteger("wellbehaved.runs", 1);
    private static final int SOCKETS = 20;
    /** A run takes four seconds; the rest is for a busy machine, on which it plays some connections again. */
    private static final Duration PATIENCE =
            Duration.ofSeconds(60).plus(Duration.ofSeconds(15).multipliedBy(RUNS));

    /** Their servers are silent for three timeouts: nothing tells that from a server that has forgotten its peer. */
    private static final List<String> SILENT_SERVERS =
            List.of("long-wait", "late-reader", "async-late-reader", "tls-long-wait", "unix-wait", "socket-wait");

    @ParameterizedTest
    @ValueSource(strings = {"log", "drain", "close"})
    void staysIntactAndUnreportedUnder(String action) {
        stayIntactAndUnreported("action=" + action + ",timeout=1s", "");
    }

    @Test
    void staysIntactAndUnreportedWhenEveryKindIsClosed() {
        stayIntactAndUnreported("track=all,action=close,timeout=1s", ",peer-closed.timeout=1h");
    }

    /** All scenarios side by side: each of them waits most of the time. */
    private static void stayIntactAndUnreported(String settings, String forSilentServers) {
        Map<String, ChildJvm> children = new LinkedHashMap<>();
        try {
            for (var scenario : SCENARIOS) {
                children.put(
                        scenario,
                        Jvm.app(
                                        "run",
                                        scenario,
                                        "--sockets",
                                        "" + SOCKETS,
                                        "--runs",
                                        "" + RUNS,
                                        "--reaper-timeout",
                                        "1s")
                                .agent(settings + (SILENT_SERVERS.contains(scenario) ? forSilentServers : ""))
                                .start());
            }
            children.forEach(WellBehavedIT::stayedIntact);
        } finally {
            children.values().forEach(ChildJvm::close);
        }
    }

    private static void stayedIntact(String scenario, ChildJvm child) {
        child.awaitEnd(PATIENCE).expectExitCode(0);
        child.expectEvent(watching());
        var results = RunResult.allOf(child.out());
        child.expect("runs", RUNS, results.size());
        for (var result : results) {
            Map.of(
                            "scenario",
                            scenario,
                            "intact",
                            "yes",
                            "opened",
                            "" + SOCKETS,
                            "held",
                            "0",
                            "replies_complete",
                            "" + SOCKETS,
                            "peer_eof",
                            "" + SOCKETS,
                            "peer_reset",
                            "0")
                    .forEach((name, expected) -> child.expect(name, expected, result.get(name)));
        }
        // A connection whose pause became as long as the timeout on a busy machine does look leaked; it is played
        // again.
        long tooSlow = child.err().stream()
                .filter(line -> line.contains("does not count"))
                .count();
        long reported = child.events(leak()).size();
        if (reported > tooSlow) {
            throw child.failure("reported although every pause was shorter than the timeout");
        }
    }
}
