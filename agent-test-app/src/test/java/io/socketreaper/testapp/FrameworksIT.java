package io.socketreaper.testapp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real frameworks: a leaked connection is closed by its framework, whose callbacks run and whose counters go back. */
class FrameworksIT {
    /** Of each kind. */
    private static final int CONNECTIONS = 6;
    private static final Set<String> KINDS = Set.of("half-closed", "peer-closed");
    private static final int WATCHED_IN_VAIN_SECONDS = 3;
    private static final int WATCHED_SECONDS = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final List<RealProgram> FRAMEWORKS = RealProgram.of("frameworks/frameworks.tsv", "frameworks");

    @BeforeAll
    static void fetchLibraries() {
        RealProgram.fetchLibraries(FRAMEWORKS);
    }

    static List<RealProgram> frameworks() {
        return FRAMEWORKS;
    }

    @ParameterizedTest
    @MethodSource("frameworks")
    void closesItsOwnConnections(RealProgram program) {
        program.compile();
        var children = new ArrayList<ChildJvm>();
        try {
            children.add(program.jvm(CONNECTIONS, WATCHED_IN_VAIN_SECONDS).start());
            for (var action : List.of("drain", "close")) {
                children.add(program.jvm(CONNECTIONS, WATCHED_SECONDS).agent("track=all,action=" + action + ",timeout=1s").start());
            }
            children.get(0).awaitEnd(PATIENCE).expectExitCode(0).expectResult("held", KINDS.size() * CONNECTIONS);
            for (var child : children.subList(1, 3)) {
                closed(child.awaitEnd(PATIENCE), program);
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static void closed(ChildJvm child, RealProgram program) {
        child.expectExitCode(0).expectResult("held", 0);
        var counters = "COUNTERS " + program.column("counters").replace("CONNECTIONS", "" + KINDS.size() * CONNECTIONS);
        child.expect("the framework's counters", true, child.out().contains(counters));
        var told = Told.by(child);
        child.expect("other kinds", Set.of(), told.kindsBut(KINDS));
        for (var kind : KINDS) {
            child.expect("found " + kind, (long) CONNECTIONS, told.found(kind));
            child.expect("released " + kind, (long) CONNECTIONS, told.released(kind));
            child.expect("the owner of every " + kind, true, told.ofEverySite(kind, Pattern.quote(program.column("owner"))));
        }
    }
}
