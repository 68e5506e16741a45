package io.socketreaper.testapp;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The agent comes to a JVM that already runs, as {@code jcmd PID JVMTI.agent_load} brings it. */
class AttachIT {
    private static final String SETTINGS = "action=drain,timeout=500ms,log-interval=1s";
    /** The JVM's own word on any agent that comes late, since JDK 21 (JEP 451), unless it is told to expect one. */
    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";

    @Test
    void channelsHalfClosedBeforeAndAfterAnAttachAreReleased() {
        // The first run leaks before the attach and the second after it.
        try (var child = Jvm.app("run", "tcpserver", "--sockets", "20", "--runs", "2", "--for", "8s")
                .start()) {
            child.awaitOut("s held=20 ");
            attach(child, SETTINGS);
            child.awaitEnd().expectExitCode(0);
            child.expect(
                    "held after each run",
                    List.of("0", "0"),
                    RunResult.allOf(child.out()).stream()
                            .map(result -> result.get("held"))
                            .toList());
            child.expectResult("intact", "yes")
                    .expectResult("replies_complete", 20)
                    .expectResult("peer_reset", 0);
            child.expectErr(2, "count=20 released=20 ");
            child.expectErr(
                    "leak site \\w+ \\(half-closed\\) at not known: it was opened before the agent was attached: count=20 ");
        }
    }

    @Test
    void channelsInBlockingModeHalfClosedBeforeAnAttachAreLeftAlone() {
        try (var child = Jvm.program(Leaker.class).option(EXPECTED).start()) {
            child.ask("leak");
            attach(child, SETTINGS);
            child.awaitWatching();
            child.ask("leak");
            child.awaitErr("done +drained: 6 bytes discarded up to the end of input");
            child.expect("descriptors", "held 1", child.ask("held"));
            child.expect("the first socket's bytes", "read 6", child.ask("read"));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    @Test
    void attachingTwiceIsHarmless() {
        try (var child = Jvm.program(Leaker.class).option(EXPECTED).start()) {
            child.ask("held");
            attach(child, SETTINGS);
            child.awaitWatching();
            attach(child, "action=close,timeout=1h");
            child.ask("leak");
            child.awaitErr("done +drained: 6 bytes discarded up to the end of input");
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
            child.expectErr(1, "self-test passed")
                    .expectErr(1, "Socket Reaper attached")
                    .expectErr(1, "LEAK ");
            child.expectErr(
                    1,
                    "is already in this JVM; its settings stay as they are, "
                            + "ignored: \"action=close,timeout=1h\"$");
        }
    }

    @Test
    void attachingToAJvmThatHasTheAgentIsHarmless() {
        try (var child =
                Jvm.program(Leaker.class).agent(SETTINGS).option(EXPECTED).start()) {
            child.ask("held");
            attach(child, "");
            child.awaitWatching().ask("leak");
            child.awaitErr("done +drained: 6 bytes discarded up to the end of input");
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines().expectErr(1, "is already in this JVM");
        }
    }

    @Test
    void argumentsThatJcmdTookApartMakeTheAgentObserveOnly() {
        try (var child = Jvm.program(Leaker.class).option(EXPECTED).start()) {
            child.ask("held");
            load(child, "action=drain,timeout=500ms");
            child.awaitErr("ERROR .*unreadable agent argument \"action\": write key=value, .* the agent only observes");
            child.awaitErr("Socket Reaper attached; effective settings: action=log \\(observes only because of ");
        }
    }

    /** In quotes of its own: jcmd takes what is before a "=" for an option's name, and the agent gets only that. */
    private static void attach(ChildJvm child, String arguments) {
        load(child, '"' + arguments + '"');
    }

    private static void load(ChildJvm child, String quoted) {
        var pid = Long.toString(child.pid());
        try (var jcmd = Jvm.tool("jcmd", pid, "JVMTI.agent_load", Jvm.AGENT.toString(), quoted)) {
            jcmd.awaitEnd().expectExitCode(0);
            if (!jcmd.out().contains("return code: 0")) {
                throw jcmd.failure("the agent was not loaded");
            }
        }
    }
}
