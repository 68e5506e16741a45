package io.socketreaper.testapp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** With {@code track=all}, whatever way a socket was lost it is found with its kind and its place, and released. */
class KindsIT {
    private static final int SOCKETS = 20;
    private static final int TIMEOUT_MILLIS = 1000;
    private static final List<String> ACTIONS = List.of("drain", "close");
    /** The peer has closed and would answer a probe until its kernel forgets the connection, a minute later. */
    private static final String NOT_ASKED = ",probe=off";
    /** It goes with unread input that somebody may want. */
    private static final String DOUBTFUL_TOO = ",doubtful.action=ACTION";

    private static final Crowd CROWD = new Crowd();

    /** @param settings on top of the action; ACTION stands for that */
    private record Expected(String scenario, String kind, String grade, String site, String settings) {
        Expected(String scenario, String kind, String grade, String site) {
            this(scenario, kind, grade, site, "");
        }

        /** What is dropped unused is unused before it is dropped. */
        Set<String> kinds() {
            return scenario.equals("dropped-unused") ? Set.of(kind, "never-connected") : Set.of(kind);
        }

        @Override
        public String toString() {
            return scenario;
        }
    }

    static Stream<Expected> scenarios() {
        return Stream.of(
                new Expected("close-wait", "peer-closed", "weak", "CloseWait", NOT_ASKED),
                new Expected("close-wait-socket", "peer-closed", "weak", "CloseWaitSocket", NOT_ASKED),
                new Expected("close-wait-async", "peer-closed", "weak", "CloseWaitAsync", NOT_ASKED),
                new Expected("close-wait-unix", "peer-closed", "strong", "UnixDomain"),
                new Expected("peer-reset", "peer-closed", "strong", "ThreadPerConnectionServer"),
                new Expected("dead-loop", "peer-closed", "doubtful", "ThreadPerConnectionServer", DOUBTFUL_TOO),
                new Expected("dead-selector", "closed-not-released", "proven", "ThreadPerConnectionServer"),
                new Expected("dropped-open", "unreachable", "proven", "ThreadPerConnectionServer"),
                new Expected("dropped-unused", "unreachable", "proven", "DroppedUnused"),
                new Expected("unix-domain", "half-closed", "strong", "BlockingMode"),
                new Expected("smtp-reject", "half-closed", "strong", "LineConnection"));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void isFoundAndReleasedInTime(Expected expected) {
        var children = new ArrayList<ChildJvm>();
        try {
            CROWD.sideBySide(() -> {
                children.add(scenario(expected.scenario(), "2s").start());
                ACTIONS.forEach(action -> children.add(watched(expected, action).start()));
                children.forEach(KindsIT::intact);
            });
            children.get(0).expectResult("held", SOCKETS);
            for (var action : ACTIONS) {
                CROWD.inTime(children.get(1 + ACTIONS.indexOf(action)), child -> millisTooLate(child, expected), () -> {
                    var again = watched(expected, action).start();
                    children.add(again);
                    return intact(again);
                });
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static Jvm watched(Expected expected, String action) {
        return scenario(expected.scenario(), "40s")
                .agent("track=all,timeout=" + TIMEOUT_MILLIS + "ms,log-interval=1s,action=" + action
                        + expected.settings().replace("ACTION", action));
    }

    /** Whatever else is wrong fails. */
    private static long millisTooLate(ChildJvm child, Expected expected) {
        child.expectResult("held", 0);
        var told = Told.by(child);
        child.expect("other kinds", Set.of(), told.kindsBut(expected.kinds()));
        long found = told.found(expected.kind());
        boolean asMany =
                found == SOCKETS || expected.kind().equals(CorpusIT.FREED_TOGETHER) && found >= 1 && found < SOCKETS;
        child.expect("found " + found + " of " + SOCKETS, true, asMany);
        child.expectErr("LEAK " + expected.kind() + " \\(" + expected.grade() + "\\), site ");
        // One alone, because its release has freed all others, is told in full and has no line of its site.
        var inSite = (found > 1 ? "leak site \\w+ \\(" + expected.kind() + "\\) at" : "^ +at") + " \\S+\\."
                + expected.site() + "\\b";
        child.expect("every site in " + expected.site(), true, told.ofEverySite(expected.kind(), inSite));
        child.expectErr(0, "NOT RELEASED");
        return told.released(expected.kind()) < found
                ? Crowd.FAR_TOO_LATE
                : Long.parseLong(child.result().get("released_after_ms")) - TIMEOUT_MILLIS - 1000;
    }

    /** Its port may be taken on purpose. */
    @Test
    void aDroppedListenerIsReportedAndKeepsItsPort() {
        try (var child = scenario("dropped-listener", "6s")
                .agent("track=all,timeout=1s,log-interval=1s,action=drain")
                .start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectErr("LEAK unreachable \\(proven\\), site ");
            child.expectErr("done +nothing: a socket that listens may hold its port on purpose");
        }
    }

    /** The peer keeps its socket, so TCP alone would have the release wait for it. */
    @Test
    void aTlsSessionThatBothSidesHaveEndedIsReleasedAndStillTellsItsEnd() {
        try (var child = scenario("tls-over", "20s")
                .agent("timeout=1s,log-interval=1s,action=close")
                .start()) {
            intact(child).expectResult("held", 0).expectResult("peer_eof", SOCKETS);
            child.expectErr("LEAK half-closed \\(strong\\), site ");
            child.expectErr(
                    "done +closed by its owner, sun\\.security\\.ssl\\.SSLSocketImpl.*; the descriptor is gone");
            child.expectErr(0, "NOT RELEASED");
        }
    }

    @Test
    void theSelectorThatHoldsAClosedSocketIsNamedWhateverTheAction() {
        try (var logged = Jvm.untilReported(
                        "count=" + SOCKETS + " released=0",
                        watched -> scenario("dead-selector", watched).agent("track=all,timeout=1s,log-interval=1s"));
                var closed = scenario("dead-selector", "40s")
                        .agent("track=all,timeout=1s,log-interval=1s,action=close")
                        .start()) {
            intact(logged).expectResult("held", SOCKETS);
            intact(closed).expectResult("held", 0);
            for (var child : List.of(logged, closed)) {
                child.expectErr(
                        "held +by selector sun\\.nio\\.ch\\.\\w+@[0-9a-f]+ \\(last selected on about \\d+ s ago by thread "
                                + "\"event-loop-that-dies\", which has ended\\)$");
            }
        }
    }

    @Test
    void aKindIsOnlyReportedWhereItsOwnActionSaysSo() {
        try (var child = Jvm.untilReported(
                "count=" + SOCKETS + " released=0",
                watched -> scenario("close-wait", watched)
                        .agent("track=all,timeout=1s,log-interval=1s,action=close,peer-closed.action=log"))) {
            intact(child).expectResult("held", SOCKETS);
            child.expectErr("done +nothing \\(action=log\\)$");
        }
    }

    /** What it answers with is its kernel; it may just as well have half-closed and wait for its answer. */
    @Test
    void aPeerThatStillAnswersIsOnlyReportedUnlessDoubtfulLeaksAreReleased() {
        try (var logged = Jvm.untilReported(
                        "count=" + SOCKETS + " released=0",
                        watched -> scenario("close-wait", watched)
                                .agent("track=all,timeout=1s,log-interval=1s,action=close"));
                var closed = scenario("close-wait", "40s")
                        .agent("track=all,timeout=1s,log-interval=1s,action=close,doubtful.action=close")
                        .start()) {
            intact(logged).expectResult("held", SOCKETS);
            logged.expectErr("doubt +a release may lose an answer that the peer waits for: it still answers$");
            logged.expectErr("done +nothing \\(action=log for doubtful leaks\\)$");
            intact(closed).expectResult("held", 0);
            for (var child : List.of(logged, closed)) {
                child.expectErr("LEAK peer-closed \\(doubtful\\), site ");
            }
        }
    }

    @Test
    void aKindHasItsOwnTimeout() {
        try (var child = scenario("close-wait", "4s")
                .agent("track=all,timeout=1s,action=close,peer-closed.timeout=1h")
                .start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectErr(0, "LEAK");
        }
    }

    @Test
    void withoutTrackAllNothingButHalfClosedSocketsIsWatched() {
        try (var child =
                scenario("close-wait", "3s").agent("timeout=1s,action=close").start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectErr(0, "LEAK");
        }
    }

    @Test
    void droppedSocketsAreStillReclaimedByTheJdk() {
        // Sweeps come ten times a second, and whatever they keep of a socket must not keep the socket.
        try (var child = scenario("dropped-socket", "20s")
                .agent("track=all,timeout=1s,peer-closed.timeout=1h,action=close")
                .start()) {
            intact(child).expectResult("held", 0);
            child.expectErr(0, "LEAK");
        }
    }

    private static ChildJvm intact(ChildJvm child) {
        return child.awaitEnd().expectExitCode(0).expectResult("intact", "yes").expectResult("opened", SOCKETS);
    }

    private static Jvm scenario(String scenario, String watched) {
        return Jvm.app("run", scenario, "--sockets", "" + SOCKETS, "--for", watched, "--reaper-timeout", "1s");
    }
}
