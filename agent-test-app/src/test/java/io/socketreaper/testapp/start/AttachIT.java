package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.AgentSays.attached;
import static io.socketreaper.testapp.harness.AgentSays.error;
import static io.socketreaper.testapp.harness.AgentSays.warning;
import static io.socketreaper.testapp.harness.AgentSays.watching;
import static io.socketreaper.testapp.harness.EventPattern.counts;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.RunResult;
import io.socketreaper.testapp.harness.Tool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The agent comes to a JVM that already runs, as {@code jcmd PID JVMTI.agent_load} brings it. */
class AttachIT {
    private static final String SETTINGS = "action=drain,timeout=500ms,log-interval=1s," + Jvm.JSON;
    /** The JVM's own word on any agent that comes late, since JDK 21 (JEP 451), unless it is told to expect one. */
    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";

    @Test
    void channelsHalfClosedBeforeAndAfterAnAttachAreReleased() {
        // The first run leaks before the attach and the second after it.
        try (var child = Jvm.app("run", "tcpserver", "--sockets", "20", "--runs", "2", "--for", "40s")
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
            child.expectEvents(2, counts(20, 20));
            child.expectEvent(counts(20).with("kind", "half-closed").with("location", "opened before the agent came"));
            child.expectEvent(leak("half-closed").with("sign", "before-attach"));
        }
    }

    @Test
    void channelsInBlockingModeHalfClosedBeforeAnAttachAreLeftAlone() {
        try (var child = Jvm.program(Leaker.class).option(EXPECTED).start()) {
            child.ask("leak");
            attach(child, SETTINGS);
            child.awaitWatching();
            child.ask("leak");
            child.awaitEvent(drained(6));
            child.expect("descriptors", "held 1", child.ask("held"));
            child.expect("the first socket's bytes", "read 6", child.ask("read"));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    /** No site ever comes of them, so neither the command nor the status may promise one. */
    @Test
    void channelsThatCannotBeWatchedLeadToTheirHolders() {
        try (var child = Jvm.program(Leaker.class).option(EXPECTED).start()) {
            child.ask("leak");
            child.ask("leak");
            // The peer of this one stays, in the same JVM.
            child.ask("hang");
            var pid = Long.toString(child.pid());
            var unwatched = List.of(
                    "^not watched +1 socket in CLOSE_WAIT: ",
                    "^ +1 socket in FIN_WAIT: .*before the agent came, and in no selector$",
                    "^ +2 sockets that are finished and still held: ");

            var said = Tool.run(0, "attach", pid, "action=drain", "timeout=60s", Jvm.JSON);

            Tool.expect(child, said, unwatched.toArray(String[]::new));
            Tool.expect(child, said, "^lost already +2 sockets are finished", "^suspects +0$", "^next +holders " + pid);
            child.expect(
                    "a promise that is not kept, or a setting that holds already",
                    List.of(),
                    said.lines()
                            .filter(line -> line.contains("as soon as") || line.contains("set " + pid + " action"))
                            .toList());
            Tool.expect(child, Tool.run(0, "status", pid), unwatched.toArray(String[]::new));
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
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
            child.awaitEvent(drained(6));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
            child.expectEvents(1, watching()).expectEvents(1, attached()).expectEvents(1, leak());
            child.expectEvents(
                    1,
                    warning("^Socket Reaper is already in this JVM and keeps its settings; ignored:"
                            + " \"action=close,timeout=1h\"$"));
        }
    }

    @Test
    void attachingToAJvmThatHasTheAgentIsHarmless() {
        try (var child = Jvm.program(Leaker.class)
                .agentWithItsLog(SETTINGS)
                .option(EXPECTED)
                .start()) {
            child.ask("held");
            attach(child, "");
            child.awaitWatching().ask("leak");
            child.awaitEvent(drained(6));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
            child.expectEvents(
                    1, warning("^Socket Reaper is already in this JVM and keeps its settings; ignored: \"\"$"));
        }
    }

    @Test
    void argumentsThatJcmdTookApartMakeTheAgentObserveOnly() {
        try (var child = Jvm.program(Leaker.class)
                .option(EXPECTED, "-Dsocketreaper." + Jvm.JSON)
                .start()) {
            child.ask("held");
            load(child, "action=drain,timeout=500ms");
            child.awaitEvent(
                    error("unreadable agent argument \"action\": write key=value, .* the agent only observes"));
            child.awaitEvent(attached().saying("; settings: action=log \\(observes only because of "));
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
