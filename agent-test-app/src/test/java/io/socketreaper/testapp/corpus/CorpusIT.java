package io.socketreaper.testapp.corpus;

import static io.socketreaper.testapp.harness.AgentSays.watching;
import static io.socketreaper.testapp.harness.EventPattern.any;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.LoggedLeaks;
import io.socketreaper.testapp.harness.RealProgram;
import io.socketreaper.testapp.harness.RetryAlone;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published leaks in released versions of other people's libraries, and well-behaved programs with such libraries.
 * {@code -Dupdate-docs=true} writes what was measured into {@code docs/corpus.md}, {@code -Dcorpus.load=20} keeps so many threads
 * busy beside the programs.
 */
class CorpusIT {
    /** Else the page is compared with the corpus, and what is measured meanwhile must not get into it. */
    private static final boolean UPDATES = Boolean.getBoolean("update-docs");

    private static final int BUSY_THREADS = Integer.getInteger("corpus.load", 0);
    private static final int CONNECTIONS = 5;
    private static final int WATCHED_IN_VAIN_SECONDS = 3;
    private static final int WATCHED_SECONDS = 30;
    private static final int LOAD_SECONDS = 7;
    /** A kind of which nobody can be sure. */
    private static final String ONLY_REPORTED = "never-connected";

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Long enough for a slow machine to make all leaks before the first of them is released. */
    private static final int TIMEOUT_MILLIS = 5000;

    private static final int DRAIN_IDLE_MILLIS = 1000;
    private static final String RELEASE =
            ",track=all,timeout=" + TIMEOUT_MILLIS + "ms,drain-idle=" + DRAIN_IDLE_MILLIS + "ms,log-interval=1s";
    private static final List<String> ACTIONS = List.of("drain", "close");
    /** It holds up its origin's sending for longer than the timeout. */
    private static final String PAUSING = "BackpressureProxy";
    /** As hostile as it gets: every kind is closed after two seconds. */
    private static final String CLOSE_ALL = "track=all,action=close,timeout=2s";

    private static final List<RealProgram> LEAKING = RealProgram.of("corpus/leaking.tsv", "corpus/leaking");
    private static final List<RealProgram> WELL_BEHAVED =
            RealProgram.of("corpus/wellbehaved.tsv", "corpus/wellbehaved");
    private static final CorpusDoc DOC = new CorpusDoc();
    private static final RetryAlone RETRY = new RetryAlone();

    @BeforeAll
    static void beBusy() {
        for (int i = 0; i < BUSY_THREADS; i++) {
            var thread = new Thread(
                    () -> {
                        while (true) {
                            Thread.onSpinWait();
                        }
                    },
                    "load");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @BeforeAll
    static void fetchLibraries() {
        RealProgram.fetchLibraries(
                Stream.concat(LEAKING.stream(), WELL_BEHAVED.stream()).toList());
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
    void leaksWithoutTheAgentAndIsReleasedWithItInTime(RealProgram program) {
        program.compile();
        int sockets = sockets(program);
        var children = new ArrayList<ChildJvm>();
        try {
            RETRY.sideBySide(() -> {
                children.add(program.jvm(CONNECTIONS, WATCHED_IN_VAIN_SECONDS).start());
                int watched = isReleased(program) ? WATCHED_SECONDS : LOAD_SECONDS;
                ACTIONS.forEach(
                        action -> children.add(watched(program, action, watched).start()));
                children.forEach(child -> child.awaitEnd(PATIENCE).expectExitCode(0));
            });
            children.get(0).expectResult("leaked", sockets).expectResult("held", sockets);
            for (var action : ACTIONS) {
                var first = children.get(1 + ACTIONS.indexOf(action));
                var child = RETRY.inTime(first, each -> millisTooLate(each, program), () -> {
                    var again = watched(program, action, WATCHED_SECONDS).start();
                    children.add(again);
                    return again.awaitEnd(PATIENCE).expectExitCode(0);
                });
                if (UPDATES && action.equals(ACTIONS.get(0))) {
                    var leaks = LoggedLeaks.of(child);
                    DOC.released(
                            program,
                            sockets,
                            leaks.found(kind(program)),
                            leaks.released(kind(program)),
                            child.result().get("released_ms"));
                }
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static Jvm watched(RealProgram program, String action, int seconds) {
        var settings = program.column("settings");
        return program.jvm(CONNECTIONS, seconds)
                .agent("action=" + action + RELEASE
                        + (settings.isEmpty() ? "" : "," + settings.replace("ACTION", action)));
    }

    private static String kind(RealProgram program) {
        return program.column("kind");
    }

    private static boolean isReleased(RealProgram program) {
        return !kind(program).equals(ONLY_REPORTED);
    }

    private static int sockets(RealProgram program) {
        return CONNECTIONS * Integer.parseInt(program.column("multiple"));
    }

    /** Whatever else is wrong fails. */
    private static long millisTooLate(ChildJvm child, RealProgram program) {
        long sockets = sockets(program);
        boolean released = isReleased(program);
        var leaks = LoggedLeaks.of(child);
        child.expectResult("held", released ? 0 : sockets);
        long found = leaks.found(kind(program));
        if (released ? leaks.released(kind(program)) < found : found < sockets) {
            return RetryAlone.FAR_TOO_LATE;
        }
        boolean asMany = found == sockets
                || kind(program).equals(LoggedLeaks.FREED_TOGETHER) && found >= CONNECTIONS && found < sockets;
        child.expect("found " + found + " of " + sockets, true, asMany);
        child.expect("released", released ? found : 0, leaks.released(kind(program)));
        child.expect("other kinds", Set.of(), leaks.kindsBut(Set.of(kind(program))));
        child.expect(
                "every site at " + program.column("action-site"),
                true,
                leaks.everySiteHas(kind(program), any().inCode(program.column("action-site"))));
        if (!program.column("callback").isEmpty()) {
            child.expectResult("callbacks", sockets);
        }
        boolean drainedFromAnOpenPeer =
                !child.events(leak().with("drain_end", "idle")).isEmpty();
        return !released
                ? 0
                : Long.parseLong(child.result().get("released_ms"))
                        - TIMEOUT_MILLIS
                        - 1000
                        - (drainedFromAnOpenPeer ? DRAIN_IDLE_MILLIS : 0);
    }

    @ParameterizedTest
    @MethodSource("wellBehaved")
    void staysIntactAndUntouched(RealProgram program) {
        program.compile();
        RETRY.sideBySide(() -> {
            try (var child =
                    program.jvm(CONNECTIONS, LOAD_SECONDS).agent(CLOSE_ALL).start()) {
                child.awaitEnd(PATIENCE).expectExitCode(0).expectResult("damaged", 0);
                child.expectEvent(watching());
                reportedIsWhatTheTableSays(child, program);
                long bytes = Long.parseLong(child.result().get("bytes"));
                child.expect("bytes were checked", true, bytes > 0);
                if (UPDATES) {
                    DOC.intact(program, bytes);
                }
            }
        });
    }

    /** Nothing, but for sockets of a kind that is never touched. */
    private static void reportedIsWhatTheTableSays(ChildJvm child, RealProgram program) {
        // A consumer that pauses for longer than the timeout while its peer sends on is reported, and not touched.
        var unpaused = leak().and(
                        "no paused consumer",
                        event -> !program.name().equals(PAUSING)
                                || !event.text("kind").equals("window-full")
                                || !event.text("outcome").equals("logged"));
        if (program.column("reported-at").isEmpty()) {
            // On an overloaded machine two seconds may pass between the opening of a socket and its bind, which is only
            // reported.
            child.expectEvents(
                    0,
                    BUSY_THREADS == 0
                            ? unpaused
                            : unpaused.and(
                                    "not " + ONLY_REPORTED,
                                    event -> !event.text("kind").equals(ONLY_REPORTED)));
            return;
        }
        var leaks = LoggedLeaks.of(child);
        child.expect("other kinds", Set.of(), leaks.kindsBut(Set.of(ONLY_REPORTED)));
        // The collector may have taken them before.
        child.expect("reported at most", true, leaks.found(ONLY_REPORTED) <= 3);
        child.expect(
                "at " + program.column("reported-at"),
                true,
                leaks.everySiteHas(ONLY_REPORTED, any().inCode(program.column("reported-at"))));
    }
}
