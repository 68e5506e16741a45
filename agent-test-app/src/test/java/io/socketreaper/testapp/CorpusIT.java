package io.socketreaper.testapp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published leaks in released versions of other people's libraries, and well-behaved programs with such libraries.
 * {@code -Dupdate-docs=true} writes what was measured into {@code docs/corpus.md}.
 */
class CorpusIT {
    /** Else the page is compared with the corpus, and what is measured meanwhile must not get into it. */
    private static final boolean UPDATES = Boolean.getBoolean("update-docs");
    private static final int CONNECTIONS = 5;
    private static final int WATCHED_IN_VAIN_SECONDS = 3;
    private static final int WATCHED_SECONDS = 30;
    private static final int LOAD_SECONDS = 7;
    /** A kind of which nobody can be sure. */
    private static final String ONLY_REPORTED = "never-connected";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Long enough for a slow machine to make all leaks before the first of them is released. */
    private static final String RELEASE = ",track=all,timeout=5s,drain-idle=1s";
    /** As hostile as it gets: every kind is closed after two seconds. */
    private static final String CLOSE_ALL = "track=all,action=close,timeout=2s";

    private static final List<RealProgram> LEAKING = RealProgram.of("corpus/leaking.tsv", "corpus/leaking");
    private static final List<RealProgram> WELL_BEHAVED = RealProgram.of("corpus/wellbehaved.tsv", "corpus/wellbehaved");
    private static final CorpusDoc DOC = CorpusDoc.read();

    @BeforeAll
    static void fetchLibraries() {
        RealProgram.fetchLibraries(Stream.concat(LEAKING.stream(), WELL_BEHAVED.stream()).toList());
    }

    @AfterAll
    static void updateDoc() {
        if (UPDATES) {
            DOC.write(LEAKING, WELL_BEHAVED);
        }
    }

    static List<RealProgram> leaking() {
        return LEAKING;
    }

    static List<RealProgram> wellBehaved() {
        return WELL_BEHAVED;
    }

    @Test
    void theCorpusIsAsLargeAsPromisedAndWrittenDown() {
        check(LEAKING.size() >= 12, "leaking programs: " + LEAKING.size());
        check(WELL_BEHAVED.size() >= 8, "well-behaved programs: " + WELL_BEHAVED.size());
        if (!UPDATES) {
            DOC.check(LEAKING, WELL_BEHAVED);
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    @ParameterizedTest
    @MethodSource("leaking")
    void leaksWithoutTheAgentAndIsReleasedWithIt(RealProgram program) {
        program.compile();
        int sockets = CONNECTIONS * Integer.parseInt(program.column("multiple"));
        var children = new ArrayList<ChildJvm>();
        try {
            children.add(program.jvm(CONNECTIONS, WATCHED_IN_VAIN_SECONDS).start());
            for (var action : List.of("drain", "close")) {
                int watched = program.column("kind").equals(ONLY_REPORTED) ? LOAD_SECONDS : WATCHED_SECONDS;
                children.add(program.jvm(CONNECTIONS, watched).agent("action=" + action + RELEASE).start());
            }
            boolean released = !program.column("kind").equals(ONLY_REPORTED);
            children.get(0).awaitEnd(PATIENCE).expectExitCode(0).expectResult("leaked", sockets).expectResult("held", sockets);
            for (var child : children.subList(1, 3)) {
                found(child.awaitEnd(PATIENCE).expectExitCode(0).expectResult("held", released ? 0 : sockets), program);
            }
            if (UPDATES) {
                DOC.released(program, sockets, released ? sockets : 0, children.get(1).result().get("released_ms"));
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static void found(ChildJvm child, RealProgram program) {
        child.expectErr("LEAK " + program.column("kind") + " \\(");
        // The stack of the report, or the place that names its site.
        var site = Pattern.compile(program.column("action-site"));
        child.expect("the site " + site, true, child.err().stream()
                .filter(line -> line.startsWith("            at ") || line.contains("leak site"))
                .anyMatch(line -> site.matcher(line).find()));
    }

    @ParameterizedTest
    @MethodSource("wellBehaved")
    void staysIntactAndUntouched(RealProgram program) {
        program.compile();
        try (var child = program.jvm(CONNECTIONS, LOAD_SECONDS).agent(CLOSE_ALL).start()) {
            child.awaitEnd(PATIENCE).expectExitCode(0).expectResult("damaged", 0);
            child.expectErr("self-test passed");
            child.expectErr(0, "LEAK (half-closed|peer-closed|closed-not-released|unreachable)");
            long bytes = Long.parseLong(child.result().get("bytes"));
            child.expect("bytes were checked", true, bytes > 0);
            if (UPDATES) {
                DOC.intact(program, bytes);
            }
        }
    }
}
