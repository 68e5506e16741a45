package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.AgentSays.error;
import static io.socketreaper.testapp.harness.AgentSays.warning;
import static io.socketreaper.testapp.harness.AgentSays.watchingAny;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JVMs that are not as the agent would like them, and the agent twice: one clear line, and the application runs. */
class GuardRailsIT {
    private static final int SOCKETS = 5;
    private static final String DRAIN = "action=drain,timeout=500ms,log-interval=1s";

    @TempDir
    private Path directory;

    @Test
    void theAgentTwiceOnTheCommandLineIsOneAgentAndOneLine() {
        try (var child = leaking("20s")
                .agent(DRAIN)
                .agentWithItsLog("action=log")
                .start()
                .awaitEnd()) {
            released(child);
            child.expectEvents(
                    1,
                    warning("^Socket Reaper is already in this JVM and keeps its settings; ignored: \"action=log\"$"));
            child.expectEvents(1, watchingAny("SocketChannel"))
                    .expectEvents(1, leak())
                    .expectOnlyOwnLines();
        }
    }

    @Test
    void theSecondAgentIsLoggedLikeEveryOtherLine() {
        try (var child = leaking("1s")
                .agentWithItsLog("action=log")
                .agentWithItsLog("action=close")
                .start()
                .awaitEnd()) {
            child.expectErr(
                            1,
                            "^\\S+Z WARN  \\[socket-reaper] Socket Reaper is already in this JVM and keeps its settings; ignored:"
                                    + " \"action=close\"$")
                    .expectOnlyOwnLines();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"11", "1.8", "16"})
    void aJvmThatIsTooOldGetsOneLineAndStarts(String version) throws IOException {
        try (var child = leaking("2s")
                .option(interferingAgent("java=" + version))
                .agent(DRAIN)
                .start()
                .awaitEnd()) {
            child.expectExitCode(0).expectResult("held", SOCKETS).expectResult("intact", "yes");
            child.expect("lines on standard error", 1, child.err().size());
            child.expectErr("^\\S+Z WARN  \\[socket-reaper] needs Java 17 or newer, this is Java .*; "
                    + "it stays off and the application runs without it$");
        }
    }

    @Test
    void aJdkOfUnknownBuildSwitchesTheStackOffAndTheApplicationRunsOn() throws IOException {
        try (var child = leaking("3s")
                .option(interferingAgent("rename"))
                .agent(DRAIN)
                .start()
                .awaitEnd()) {
            untouched(child);
            child.expectEvents(
                    1,
                    error("SocketChannel is switched off: the internals of this JDK \\(.*\\) are not those that "
                            + "Socket Reaper knows: .*of sun\\.nio\\.ch\\.SocketChannelImpl only 3 of 4 known members were found\\. "
                            + "Its sockets are not watched"));
        }
    }

    @Test
    void aHookThatSomebodyRemovedIsSaidToBeDead() throws IOException {
        try (var child = leaking("3s")
                .agent(DRAIN)
                .option(interferingAgent("erase"))
                .start()
                .awaitEnd()) {
            untouched(child);
            child.expectEvents(
                    1,
                    error(
                            "SocketChannel is switched off: .*the self-test half-closed a socket and "
                                    + "the hook received no event for shutdownOutput, read, a read without bytes, close\\. Its sockets are not watched"));
        }
    }

    @Test
    void theWovenClassesPassTheVerifier() {
        try (var child = leaking("20s")
                .option("-XX:+UnlockDiagnosticVMOptions", "-XX:+BytecodeVerificationLocal")
                .agent(DRAIN)
                .start()
                .awaitEnd()) {
            released(child);
            child.expectOnlyOwnLines();
        }
    }

    /** JFR retransforms the channel class on JDK 17. */
    @Test
    void flightRecorderAndTheAgentGetAlong() {
        try (var child = leaking("20s")
                .option("-XX:StartFlightRecording")
                .agent(DRAIN)
                .start()
                .awaitEnd()) {
            released(child);
            child.expectEvents(1, watchingAny("SocketChannel")).expectEvents(1, leak());
        }
    }

    private String interferingAgent(String what) throws IOException {
        return "-javaagent:" + InterferingAgent.pack(directory) + "=" + what;
    }

    private static void released(ChildJvm child) {
        child.expectExitCode(0)
                .expectResult("opened", SOCKETS)
                .expectResult("held", 0)
                .expectResult("intact", "yes");
    }

    private static void untouched(ChildJvm child) {
        child.expectExitCode(0)
                .expectResult("opened", SOCKETS)
                .expectResult("held", SOCKETS)
                .expectResult("intact", "yes");
        child.expectEvents(0, leak())
                .expectEvents(0, watchingAny("SocketChannel"))
                .expectOnlyOwnLines();
    }

    private static Jvm leaking(String watched) {
        return Jvm.app("run", "tcpserver", "--sockets", "" + SOCKETS, "--for", watched, "--reaper-timeout", "500ms");
    }
}
