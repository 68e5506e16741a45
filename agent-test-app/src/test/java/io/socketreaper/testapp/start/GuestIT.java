package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.AgentSays.started;
import static io.socketreaper.testapp.harness.AgentSays.watchingAny;
import static io.socketreaper.testapp.harness.EventPattern.drained;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent is a guest in somebody else's JVM: it says nothing, starts nothing and keeps nothing that is not its own. */
class GuestIT {
    private static final Pattern INITIALISED = Pattern.compile("Initializing '([^']+)'");
    /** An application may want to configure log managers, name resolution, URL handlers, networking, file systems. */
    private static final Pattern APPLICATIONS =
            Pattern.compile("(java/util/logging/|java/lang/System\\$Logger|java/net/"
                    + "|sun/net/|sun/nio/ch/|java/nio/channels/|java/nio/file/FileSystems).*");
    /** Nothing can be configured about these two. */
    private static final Pattern HARMLESS = Pattern.compile("java/net/URI\\b.*|sun/nio/ch/DirectBuffer");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "-Xshare:auto", "-Xlog:all=warning:stderr"})
    void theJvmPrintsNoWarningBecauseOfTheAgent(String option) {
        try (var alone = program("any", option).start();
                var child =
                        program("any", option).agentWithItsLog("action=drain").start()) {
            ended(alone);
            child.awaitErr("self-test passed.* of SocketChannel ");
            ended(child).expectErr(1, "self-test passed.* of SocketChannel ");
            child.expect("standard output", withoutTimes(alone.out()), withoutTimes(child.out()));
            child.expect(
                    "standard error beside the agent's lines",
                    withoutTimes(alone.err()),
                    withoutTimes(child.foreignErr()));
        }
    }

    @Test
    void nothingOfTheApplicationsIsInitialisedBeforeItDoesSo() throws IOException {
        var interferingAgent = "-javaagent:" + InterferingAgent.pack(directory) + "=nothing";
        var withEmptyAgent = initialised(program("nothing", interferingAgent), "empty.txt");
        var withAgent = initialised(program("nothing", "").agentWithItsLog("action=drain,timeout=1s"), "agent.txt");
        assertTrue(
                withAgent.contains("io/socketreaper/testapp/start/ConfiguresJdkInMain"),
                "the JVM logs no initialisation");

        var early = new TreeSet<>(withAgent);
        early.removeAll(withEmptyAgent);
        early.removeIf(name ->
                !APPLICATIONS.matcher(name).matches() || HARMLESS.matcher(name).matches());
        assertEquals(Set.of("sun/nio/ch/SocketReaperHook"), early);
    }

    /** The provider shows it on every machine; the addresses do where there is IPv6, and elsewhere are the same anyway. */
    @Test
    void aStackChosenInMainStillTakesEffect() {
        try (var child = program("provider", "").agent("action=drain").start()) {
            child.awaitEvent(started());
            ended(child)
                    .expect(
                            "the provider",
                            List.of("provider " + ConfiguresJdkInMain.Provider.class.getName()),
                            child.out());
        }
        try (var child = program("any", "").agent("action=drain").start()) {
            var expected = Files.exists(Path.of("/proc/net/if_inet6")) ? "any Inet6Address" : "any Inet4Address";
            ended(child).expect("the address without asking", List.of(expected), child.out());
        }
        try (var child = program("ipv4", "").agent("action=drain").start()) {
            child.awaitEvent(watchingAny("SocketChannel"));
            ended(child)
                    .expect("the address", List.of("ipv4 Inet4Address"), child.out())
                    .expectEvents(1, watchingAny("SocketChannel"));
        }
    }

    @Test
    void aLogManagerChosenInMainStillTakesEffect() {
        try (var child = program("logging", "").agent("action=drain").start()) {
            ended(child)
                    .expect(
                            "the log manager",
                            List.of("logging " + ConfiguresJdkInMain.Manager.class.getName()),
                            child.out());
        }
    }

    @Test
    void itsThreadsAreDaemonsOfItsNameAndTheJvmEndsByItself() {
        Set<String> alone;
        try (var child = Jvm.program(Leaker.class).start()) {
            alone = threads(child);
        }
        try (var child = Jvm.program(Leaker.class)
                .agent("action=drain,timeout=500ms")
                .start()
                .awaitWatching()) {
            child.ask("leak");
            child.awaitEvent(drained().with("drained_bytes", 6));
            var own = threads(child);
            own.removeAll(alone);
            // The JVM's, as soon as any test on this machine lists the JVMs.
            own.remove("Attach Listener/daemon");
            child.expect("the reaper thread among " + own, true, own.contains("socket-reaper/daemon"));
            child.expect(
                    "the agent's name and daemon for all of " + own,
                    true,
                    own.stream().allMatch(thread -> thread.matches("socket-reaper(-\\w+)?/daemon")));
            child.tell("end");
            child.awaitEnd().expectExitCode(0).expectOnlyOwnLines();
        }
    }

    private static Set<String> threads(ChildJvm child) {
        return new TreeSet<>(
                List.of(child.ask("threads").substring("threads ".length()).split(",")));
    }

    private Set<String> initialised(Jvm jvm, String name) throws IOException {
        var log = directory.resolve(name);
        try (var child = jvm.option("-Xlog:class+init=info:file=" + log).start().awaitEnd()) {
            child.expectExitCode(0);
        }
        return Files.readAllLines(log).stream()
                .map(INITIALISED::matcher)
                .filter(matcher -> matcher.find())
                .map(matcher -> matcher.group(1))
                .collect(Collectors.toSet());
    }

    /** Times of the JVM's own log lines. */
    private static List<String> withoutTimes(List<String> lines) {
        return lines.stream().map(line -> line.replaceAll("\\[[0-9.,]+s]", "")).toList();
    }

    private static ChildJvm ended(ChildJvm child) {
        child.tell("end");
        return child.awaitEnd().expectExitCode(0);
    }

    private static Jvm program(String what, String option) {
        var jvm = Jvm.program(ConfiguresJdkInMain.class, what);
        return option.isEmpty() ? jvm : jvm.option(option);
    }
}
