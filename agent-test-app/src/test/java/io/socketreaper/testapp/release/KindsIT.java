package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.EventPattern.counts;
import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static io.socketreaper.testapp.harness.EventPattern.logged;
import static io.socketreaper.testapp.harness.EventPattern.stillHeld;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.LoggedLeaks;
import io.socketreaper.testapp.harness.RetryAlone;
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

    private static final RetryAlone RETRY = new RetryAlone();

    /** @param settings on top of the action; ACTION stands for that */
    private record Expected(String scenario, String kind, String grade, String site, String settings) {
        Expected(String scenario, String kind, String grade, String site) {
            this(scenario, kind, grade, site, "");
        }

        /** What is dropped unused is unused before it is dropped. */
        Set<String> kinds() {
            return scenario.equals("dropped-unused") ? Set.of(kind, "never-connected") : Set.of(kind);
        }

        /** A full receive window is looked for in every sixteenth sweep only, 100 ms apart. */
        long foundLaterMillis() {
            return kind.equals("window-full") ? 16 * 100 : 0;
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
                new Expected("close-wait-unix", "peer-closed", "strong", "CloseWaitUnix"),
                new Expected("peer-reset", "peer-closed", "strong", "ThreadPerConnectionServer"),
                new Expected("dead-loop", "peer-closed", "doubtful", "ThreadPerConnectionServer", DOUBTFUL_TOO),
                new Expected("window-full", "window-full", "doubtful", "ThreadPerConnectionServer", DOUBTFUL_TOO),
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
            RETRY.sideBySide(() -> {
                children.add(scenario(expected.scenario(), "2s").start());
                ACTIONS.forEach(action -> children.add(watched(expected, action).start()));
                children.forEach(KindsIT::intact);
            });
            children.get(0).expectResult("held", SOCKETS);
            for (var action : ACTIONS) {
                RETRY.inTime(children.get(1 + ACTIONS.indexOf(action)), child -> millisTooLate(child, expected), () -> {
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
        var leaks = LoggedLeaks.of(child);
        child.expect("other kinds", Set.of(), leaks.kindsBut(expected.kinds()));
        long found = leaks.found(expected.kind());
        boolean asMany =
                found == SOCKETS || expected.kind().equals(LoggedLeaks.FREED_TOGETHER) && found >= 1 && found < SOCKETS;
        child.expect("found " + found + " of " + SOCKETS, true, asMany);
        child.expectEvent(leak(expected.kind(), expected.grade()).having("site"));
        // One alone, because its release has freed all others, is told in full and has no counts.
        var site = "\\." + expected.site() + "\\b";
        var inSite = found > 1 ? event("counts").at(site) : leak().inFrame(site);
        child.expect("every site in " + expected.site(), true, leaks.everySiteHas(expected.kind(), inSite));
        child.expectEvents(0, stillHeld());
        return leaks.released(expected.kind()) < found
                ? RetryAlone.FAR_TOO_LATE
                : Long.parseLong(child.result().get("released_after_ms"))
                        - TIMEOUT_MILLIS
                        - expected.foundLaterMillis()
                        - 1000;
    }

    /** A release takes bytes that the application may still want to read. */
    @Test
    void aFullReceiveWindowIsOnlyReportedUnlessDoubtfulLeaksAreReleased() {
        try (var child = scenario("window-full", "6s")
                .agent("track=all,timeout=1s,log-interval=1s,action=close")
                .start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectEvent(leak("window-full", "doubtful")
                    .having("site")
                    .with("tcp_state", "ESTABLISHED")
                    .with("outcome", "logged"));
            child.expectEvents(0, leak().withOneOf("outcome", "drained", "closed"));
        }
    }

    /** Its port may be taken on purpose. */
    @Test
    void aDroppedListenerIsReportedAndKeepsItsPort() {
        try (var child = scenario("dropped-listener", "6s")
                .agent("track=all,timeout=1s,log-interval=1s,action=drain")
                .start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectEvent(leak("unreachable", "proven")
                    .having("site")
                    .with("tcp_state", "LISTEN")
                    .with("outcome", "logged"));
            child.expectEvents(0, leak().withOneOf("outcome", "drained", "closed"));
        }
    }

    /** The peer keeps its socket, so TCP alone would have the release wait for it. */
    @Test
    void aTlsSessionThatBothSidesHaveEndedIsReleasedAndStillTellsItsEnd() {
        try (var child = scenario("tls-over", "20s")
                .agent("timeout=1s,log-interval=1s,action=close")
                .start()) {
            intact(child).expectResult("held", 0).expectResult("peer_eof", SOCKETS);
            child.expectEvent(leak("half-closed", "strong")
                    .with("tls_over", true)
                    .with("outcome", "closed")
                    .matching("owner", "^sun\\.security\\.ssl\\.SSLSocketImpl\\b"));
            child.expectEvents(0, stillHeld());
        }
    }

    @Test
    void theSelectorThatHoldsAClosedSocketIsNamedWhateverTheAction() {
        try (var logged = Jvm.untilReported(
                        counts(SOCKETS, 0),
                        watched -> scenario("dead-selector", watched).agent("track=all,timeout=1s,log-interval=1s"));
                var closed = scenario("dead-selector", "40s")
                        .agent("track=all,timeout=1s,log-interval=1s,action=close")
                        .start()) {
            intact(logged).expectResult("held", SOCKETS);
            intact(closed).expectResult("held", 0);
            for (var child : List.of(logged, closed)) {
                child.expectEvent(leak("closed-not-released")
                        .matching(
                                "holder",
                                "^selector sun\\.nio\\.ch\\.\\w+@[0-9a-f]+ \\(last selected on about \\d+ s ago by"
                                        + " thread \"event-loop-that-dies\", which has ended\\)$"));
            }
        }
    }

    @Test
    void aKindIsOnlyReportedWhereItsOwnActionSaysSo() {
        try (var child = Jvm.untilReported(
                counts(SOCKETS, 0),
                watched -> scenario("close-wait", watched)
                        .agent("track=all,timeout=1s,log-interval=1s,action=close,peer-closed.action=log"))) {
            intact(child).expectResult("held", SOCKETS);
            child.expectEvent(logged().with("kind", "peer-closed").withOneOf("grade", "weak", "strong", "proven"));
        }
    }

    /** What it answers with is its kernel; it may just as well have half-closed and wait for its answer. */
    @Test
    void aPeerThatStillAnswersIsOnlyReportedUnlessDoubtfulLeaksAreReleased() {
        try (var logged = Jvm.untilReported(
                        counts(SOCKETS, 0),
                        watched -> scenario("close-wait", watched)
                                .agent("track=all,timeout=1s,log-interval=1s,action=close"));
                var closed = scenario("close-wait", "40s")
                        .agent("track=all,timeout=1s,log-interval=1s,action=close,doubtful.action=close")
                        .start()) {
            intact(logged).expectResult("held", SOCKETS);
            logged.expectEvent(leak("peer-closed", "doubtful")
                    .with("outcome", "logged")
                    .with("peer_answer", "answers")
                    .and("no other doubt", event -> event.list("doubts").equals(List.of("peer-answers"))));
            intact(closed).expectResult("held", 0);
            for (var child : List.of(logged, closed)) {
                child.expectEvent(leak("peer-closed", "doubtful").having("site"));
            }
        }
    }

    @Test
    void aKindHasItsOwnTimeout() {
        try (var child = scenario("close-wait", "4s")
                .agent("track=all,timeout=1s,action=close,peer-closed.timeout=1h")
                .start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectEvents(0, leak());
        }
    }

    @Test
    void withoutTrackAllNothingButHalfClosedSocketsIsWatched() {
        try (var child =
                scenario("close-wait", "3s").agent("timeout=1s,action=close").start()) {
            intact(child).expectResult("held", SOCKETS);
            child.expectEvents(0, leak());
        }
    }

    @Test
    void droppedSocketsAreStillReclaimedByTheJdk() {
        // Sweeps come ten times a second, and whatever they keep of a socket must not keep the socket.
        try (var child = scenario("dropped-socket", "20s")
                .agent("track=all,timeout=1s,peer-closed.timeout=1h,action=close")
                .start()) {
            intact(child).expectResult("held", 0);
            child.expectEvents(0, leak());
        }
    }

    private static ChildJvm intact(ChildJvm child) {
        return child.awaitEnd().expectExitCode(0).expectResult("intact", "yes").expectResult("opened", SOCKETS);
    }

    private static Jvm scenario(String scenario, String watched) {
        return Jvm.app("run", scenario, "--sockets", "" + SOCKETS, "--for", watched, "--reaper-timeout", "1s");
    }
}
