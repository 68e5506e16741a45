package io.socketreaper.testapp.corpus;

import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assumptions.abort;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.RealProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Netty's native transports, which bypass the JDK's sockets. Where io_uring does not load its tests are counted as skipped. */
class NettyNativeIT {
    private static final int CONNECTIONS = 6;
    private static final int WATCHED_IN_VAIN_SECONDS = 3;
    private static final int WATCHED_SECONDS = 30;
    private static final int LOAD_SECONDS = 7;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** As hostile as it gets: every kind is closed after two seconds. */
    private static final String CLOSE_ALL = "track=all,action=close,timeout=2s";

    private static final List<RealProgram> PROGRAMS =
            RealProgram.of("corpus/frameworks/frameworks-native.tsv", "corpus/frameworks");

    @BeforeAll
    static void fetchLibraries() {
        RealProgram.fetchLibraries(PROGRAMS);
    }

    static Stream<RealProgram> leaks() {
        return PROGRAMS.stream().filter(program -> program.name().endsWith("Leak"));
    }

    static Stream<RealProgram> lost() {
        return PROGRAMS.stream().filter(program -> program.name().endsWith("Lost"));
    }

    static Stream<RealProgram> pauses() {
        return PROGRAMS.stream().filter(program -> program.name().endsWith("Pause"));
    }

    @ParameterizedTest
    @MethodSource("leaks")
    void halfClosedChannelsAreClosedOnTheirEventLoop(RealProgram program) {
        for (var child : withoutAndWith(program, "action=drain,timeout=1s", "action=close,timeout=1s")) {
            released(child, program);
        }
    }

    @ParameterizedTest
    @MethodSource("lost")
    void channelsInCloseWaitAndDroppedOnesAreReleased(RealProgram program) {
        for (var child : withoutAndWith(
                program, "track=all,action=close,timeout=1s,doubtful.action=close,doubtful.timeout=none")) {
            released(child, program);
            child.expectEvent(leak("peer-closed", "doubtful"));
            child.expectEvent(leak("unreachable", "proven"));
        }
    }

    @ParameterizedTest
    @MethodSource("pauses")
    void aHalfClosedClientThatPausesOrWaitsIsLeftAlone(RealProgram program) {
        program.compile();
        try (var child = program.jvm(CONNECTIONS, LOAD_SECONDS).agent(CLOSE_ALL).start()) {
            unlessSkipped(child.awaitEnd(PATIENCE)).expectExitCode(0).expectResult("damaged", 0);
            child.expectEvents(0, leak());
        }
    }

    private static List<ChildJvm> withoutAndWith(RealProgram program, String... settings) {
        program.compile();
        var children = new ArrayList<ChildJvm>();
        try {
            children.add(program.jvm(CONNECTIONS, WATCHED_IN_VAIN_SECONDS).start());
            for (var agent : settings) {
                children.add(
                        program.jvm(CONNECTIONS, WATCHED_SECONDS).agent(agent).start());
            }
            children.forEach(child -> unlessSkipped(child.awaitEnd(PATIENCE)));
            children.get(0).expectExitCode(0).expectResult("held", CONNECTIONS);
            return children.subList(1, children.size());
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static ChildJvm unlessSkipped(ChildJvm child) {
        child.out().stream()
                .filter(line -> line.startsWith("SKIPPED"))
                .findFirst()
                .ifPresent(why -> abort(why));
        return child;
    }

    private static void released(ChildJvm child, RealProgram program) {
        child.expectExitCode(0).expectResult("held", 0);
        var counters = "COUNTERS "
                + program.column("counters")
                        .replace("CONNECTIONS", "" + CONNECTIONS)
                        .replace("HALF", "" + CONNECTIONS / 2);
        child.expect("the framework's counters", true, child.out().contains(counters));
        child.expectEvent(leak().matching("owner", "^" + Pattern.quote(program.column("owner"))));
    }
}
