package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.AgentSays.says;
import static io.socketreaper.testapp.harness.EventPattern.counts;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.harness.AgentStatus;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import io.socketreaper.testapp.harness.Tool;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program listens for leaks, with the packaged jar: what it hears, when, and what it cannot harm. What the listeners' side says
 * itself are lines of text, whatever the agent's log is.
 */
class ListenerIT {
    private static final String SETTINGS = "timeout=500ms,log-interval=1s";
    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";
    /** What {@link ListenerProgram} says of a report of {@link Leaker#leak}. */
    private static final String HEARD = "heard half-closed strong logged \\w{8} 6 "
            + "io\\.socketreaper\\.testapp\\.harness\\.Leaker\\.leak\\(Leaker\\.java:\\d+\\) "
            + "false true true true true true on socket-reaper-listeners";

    @TempDir
    private Path directory;

    @Test
    void hearsEverythingThatIsInAReportUntilItIsClosed() {
        try (var child = Jvm.program(ListenerProgram.class).agent(SETTINGS).start()) {
            child.expect("active", "active true", child.ask("active"));
            child.expect("threads before", "threads 0", child.ask("threads"));
            child.ask("listen");
            child.ask("leak");
            child.awaitWatching().awaitOut(HEARD);
            child.ask("leak");
            child.awaitOut(2, HEARD);
            child.ask("listen");
            child.ask("leak");
            child.awaitOut(4, HEARD);
            child.expect("threads", "threads 1", child.ask("threads"));
            child.ask("unlisten");
            child.ask("unlisten");
            threadIsGone(child);
            child.ask("leak");
            child.awaitEvent(counts(4));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
            child.expect(
                    "heard",
                    4L,
                    child.out().stream().filter(line -> line.matches(HEARD)).count());
        }
    }

    @Test
    void aListenerThatThrowsIsSaidOnceAndHarmsNobody() {
        try (var child = Jvm.program(ListenerProgram.class).agent(SETTINGS).start()) {
            child.ask("throw");
            child.ask("listen");
            child.ask("leak");
            child.awaitWatching().awaitOut(HEARD);
            child.ask("leak");
            child.awaitOut(2, HEARD).awaitOut(2, "throwing");
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectErr(1, "a listener failed; .*IllegalStateException: hostile");
            child.expectEvents(0, says("internal error"));
        }
    }

    @Test
    void aListenerThatBlocksLosesTheOldestReportsAndTheAgentGoesOn() {
        try (var child = Jvm.program(ListenerProgram.class)
                .agent("timeout=500ms,log-interval=1s")
                .start()) {
            child.ask("block");
            child.ask("listen");
            child.ask("leak");
            child.awaitWatching().awaitOut("blocked");
            for (int i = 0; i < 3; i++) {
                child.tell("leak500");
            }
            child.awaitEvent(counts(1500));
            child.awaitErr("listeners are too slow");
            child.ask("unblock");
            child.awaitOut(1001, HEARD);
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectErr(1, "listeners are too slow");
            child.expect(
                    "heard",
                    1001L,
                    child.out().stream().filter(line -> line.matches(HEARD)).count());
        }
    }

    /** It lets releases end first, here one that would take almost a minute. */
    @Test
    void nothingThatTheProgramAsksWaitsForADetach() {
        try (var child = Jvm.program(ListenerProgram.class)
                .agent("action=drain,timeout=500ms,drain-time=50s,drain-idle=50s")
                .option(EXPECTED)
                .start()) {
            child.ask("hang");
            var pid = Long.toString(child.pid());
            AgentStatus.await(child, "a release", status -> status.number("releasing") == 1);
            try (var detach = Tool.start("detach", pid)) {
                for (int asked = 1; child.ask("detaching").endsWith("false"); asked++) {
                    if (asked == 10_000) {
                        throw detach.failure("the detach has not begun");
                    }
                }
                child.expect("active", "active true", child.ask("active"));
                child.ask("listen");
                child.expect("still detaching", "detaching true", child.ask("detaching"));
                child.ask("over");
                detach.awaitEnd().expectExitCode(0);
            }
            child.expect("active", "active false", child.ask("active"));
        }
    }

    @Test
    void aListenerOfAJvmWithoutAgentHearsOnceItComesAndAfterItCameAgain() {
        hearsOnceItComes(Jvm.AGENT.toString());
    }

    @Test
    void soDoesOneThatHasOnlyTheApi() {
        hearsOnceItComes(Jvm.API.toString());
    }

    @Test
    void soDoesOneThatHasTheApiBesideTheAgent() {
        hearsOnceItComes(Jvm.API + File.pathSeparator + Jvm.AGENT);
    }

    private void hearsOnceItComes(String jars) {
        var classPath = String.join(
                File.pathSeparator,
                Jvm.locationOf(ListenerProgram.class).toString(),
                Jvm.locationOf(SocketDescriptors.class).toString(),
                jars);
        try (var child = Jvm.classPath(classPath, ListenerProgram.class.getName())
                .option(EXPECTED)
                .start()) {
            hearsOnceItComes(child);
        }
    }

    @Test
    void aListenerInAnotherClassLoaderIsFound() {
        try (var child = Jvm.program(
                        FatJarLauncher.class,
                        ListenerProgram.class.getName(),
                        Jvm.locationOf(ListenerProgram.class).toString(),
                        Jvm.locationOf(SocketDescriptors.class).toString(),
                        Jvm.AGENT.toString())
                .option(EXPECTED)
                .start()) {
            hearsOnceItComes(child);
        }
    }

    private void hearsOnceItComes(ChildJvm child) {
        child.expect("active", "active false", child.ask("active"));
        child.ask("listen");
        child.ask("leak");
        attach(child, SETTINGS);
        child.awaitWatching();
        child.expect("active", "active true", child.ask("active"));
        child.ask("leak");
        // the one from before the attach has no stack
        child.awaitOut(HEARD);
        attach(child, "!" + reply() + "\n{\"request\":\"Detach\",\"arguments\":{}}");
        child.expect("active", "active false", child.ask("active"));
        attach(child, SETTINGS);
        child.expect("active", "active true", child.ask("active"));
        child.ask("leak");
        child.awaitOut(2, HEARD);
        child.ask("unlisten");
        threadIsGone(child);
        child.tell("end");
        child.awaitEnd().expectExitCode(0);
    }

    private Path reply() {
        try {
            return Files.createTempFile(directory, "reply", ".json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void attach(ChildJvm child, String arguments) {
        try {
            var jvm = VirtualMachine.attach(Long.toString(child.pid()));
            try {
                jvm.loadAgent(Jvm.AGENT.toString(), arguments);
            } finally {
                jvm.detach();
            }
        } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException | IOException failed) {
            throw child.failure("the agent was not loaded: " + failed);
        }
    }

    private static void threadIsGone(ChildJvm child) {
        for (int asked = 1; !child.ask("threads").equals("threads 0"); asked++) {
            if (asked == 200) {
                throw child.failure("the listeners' thread has not ended");
            }
        }
    }
}
