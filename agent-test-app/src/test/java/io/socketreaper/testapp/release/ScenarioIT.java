package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.EventPattern.counts;
import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.Main;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.Jvm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every leaking scenario without the agent's help, seen by it, drained by it and closed by it. */
class ScenarioIT {
    private static final int SOCKETS = 20;
    /** Stands for any number of bytes: TLS adds some of its own. */
    private static final long ENCRYPTED = -1;
    /** The event loop meets the failure in its own read, unless the machine is so busy that it does not come to it. */
    private static final Owner SELECTED = new Owner("^JDK channel", "^(by-its-read|not-in-time)$");

    private static final Owner BLOCKING = new Owner("^JDK channel", "^not-at-all$");

    /**
     * Who closes a leaked socket.
     *
     * @param name what the field {@code owner} is like
     * @param told what the field {@code owner_told} is like; empty if the owner need not be told
     */
    private record Owner(String name, String told) {
        Owner(String name) {
            this(name, "");
        }
    }

    /**
     * What the reports have to say.
     *
     * @param kind      how they are lost
     * @param grade     how sure that is
     * @param site      the class that half-closes
     * @param drained   how many bytes the drain discards
     * @param drainEnd  what ends the drain
     * @param unread    the input that close leaves unread, bytes
     * @param owner     who closes
     * @param peerReset whether close resets the peer
     */
    private record Expected(
            String scenario,
            String kind,
            String grade,
            String site,
            long drained,
            String drainEnd,
            long unread,
            Owner owner,
            boolean peerReset) {
        /** The peer has ended its side after so many bytes. */
        Expected(String scenario, String kind, String grade, String site, long unread, Owner owner) {
            this(scenario, kind, grade, site, unread, "end-of-input", unread, owner, false);
        }

        static Expected strong(String scenario, String site, long unread, Owner owner) {
            return new Expected(scenario, "half-closed", "strong", site, unread, owner);
        }

        /** Both sides have sent their FIN. */
        boolean isOver() {
            return !grade.equals("weak");
        }

        @Override
        public String toString() {
            return scenario;
        }
    }

    static Stream<Expected> leakingScenarios() {
        return Stream.of(
                Expected.strong("smtp-reject", "LineConnection", 6, SELECTED),
                Expected.strong("tcpserver", "LineConnection", 17, SELECTED),
                new Expected(
                        "peer-stays-open", "half-closed", "weak", "LineConnection", 17, "idle", 17, SELECTED, true),
                new Expected(
                        "peer-keeps-sending",
                        "half-closed",
                        "weak",
                        "LineConnection",
                        262144,
                        "bytes",
                        ENCRYPTED,
                        SELECTED,
                        true),
                Expected.strong("reply-in-flight", "LineConnection", 17, SELECTED),
                netty("4.1"),
                Expected.strong("blocking-mode", "BlockingMode", 17, BLOCKING),
                Expected.strong("adaptor-stream", "AdaptorStream", 17, BLOCKING),
                Expected.strong("classic-socket", "ClassicSocket", 17, new Owner("^java\\.net\\.Socket")),
                Expected.strong(
                        "async-channel", "AsyncChannel", 17, new Owner("^JDK asynchronous channel", "^not-at-all$")),
                Expected.strong(
                        "tls-socket", "TlsSocket", ENCRYPTED, new Owner("^sun\\.security\\.ssl\\.SSLSocketImpl")),
                Expected.strong("tls-engine", "TlsEngine", ENCRYPTED, BLOCKING),
                new Expected(
                        "dropped-channel",
                        "unreachable",
                        "proven",
                        "BlockingMode",
                        17,
                        new Owner("^Socket Reaper, because its object was collected")));
    }

    private static Expected netty(String line) {
        return Expected.strong(
                "netty-autoread",
                "NettyAutoread",
                17,
                new Owner("^Netty " + Pattern.quote(line)
                        + " io\\.netty\\.channel\\.socket\\.nio\\.NioSocketChannel, closed on its event loop"));
    }

    @ParameterizedTest
    @MethodSource("leakingScenarios")
    void isFoundReleasedAndReported(Expected expected) {
        isFoundReleasedAndReported(expected, Jvm::app);
    }

    @Test
    void netty42ChannelsAreClosedOnTheirEventLoop() {
        for (var child : isFoundReleasedAndReported(netty("4.2"), Jvm::appOnNetty42)) {
            child.expect("Netty of the line", "4.2", child.result().get("netty").substring(0, 3));
        }
    }

    @Test
    void virtualThreadsAreServedWhereTheyExist() {
        if (Jvm.feature() >= 21) {
            isFoundReleasedAndReported(Expected.strong("virtual-threads", "BlockingMode", 17, BLOCKING), Jvm::app);
        } else {
            try (var child = Jvm.app("run", "virtual-threads")
                    .agent("action=drain")
                    .start()
                    .awaitEnd()) {
                child.expectExitCode(Main.UNSUPPORTED);
                child.expectErr("virtual-threads cannot run on this JVM: virtual threads came with JDK 21");
            }
        }
    }

    @Test
    void aPeerThatKeepsSendingMayFinishWhereDrainBytesAllowsIt() {
        try (var child = scenario(Jvm::app, "peer-keeps-sending", "20s")
                .agent("action=drain,timeout=1s,drain-bytes=8MiB")
                .start()
                .awaitEnd()) {
            child.expectResult("held", 0).expectResult("intact", "yes");
            child.expectResult("uploads_complete", SOCKETS).expectResult("peer_reset", 0);
            child.expectEvent(EventPattern.drained(4194304)
                    .with("output_shut", true)
                    .with("reset", false)
                    .saying("^    peer +has acknowledged all sent bytes and our FIN; "
                            + "ended its side during the drain, a clean end$"));
        }
    }

    /** Drain and close side by side: most of their time is waiting. */
    private static List<ChildJvm> isFoundReleasedAndReported(Expected expected, Function<String[], Jvm> app) {
        var bounds = ",timeout=1s,log-interval=1s,drain-idle=1s,drain-bytes=256KiB";
        var children = new ArrayList<ChildJvm>();
        try {
            for (var action : List.of("drain", "close")) {
                children.add(scenario(app, expected.scenario(), "30s")
                        .agent("action=" + action + bounds)
                        .start());
            }
            children.add(Jvm.untilReported(
                    counts(SOCKETS),
                    watched -> scenario(app, expected.scenario(), watched).agent("action=log" + bounds)));
            drained(children.get(0).awaitEnd(), expected);
            closed(children.get(1).awaitEnd(), expected);
            logged(children.get(2), expected);
            return children;
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    private static void logged(ChildJvm child, Expected expected) {
        common(child, expected, 0).expectResult("held", SOCKETS).expectResult("peer_reset", 0);
        child.expectEvent(acknowledged(EventPattern.logged(), expected)
                .saying("^    would +action=drain would discard ")
                .saying("^    peer +has acknowledged all sent bytes and our FIN; "
                        + (expected.isOver() ? "has ended its side too" : "has not ended its side")));
        nettyHeard(child, expected, 0);
    }

    private static void drained(ChildJvm child, Expected expected) {
        boolean cutOff = expected.drainEnd().equals("bytes");
        common(child, expected, SOCKETS).expectResult("held", 0).expectResult("peer_reset", cutOff ? SOCKETS : 0);
        if (expected.scenario().equals("peer-stays-open")) {
            // Released without a packet; the test's own further write is what the peer gets a reset for, later.
            child.expectEvent(EventPattern.drained()
                    .saying("^    peer +.*; was sent no packet; it sees a reset only if it sends more$"));
        }
        child.expectEvent(bytes(by(expected.owner(), EventPattern.drained()), "drained_bytes", expected.drained())
                .with("drain_end", expected.drainEnd())
                .having("took_ms"));
        nettyHeard(child, expected, SOCKETS);
    }

    private static void closed(ChildJvm child, Expected expected) {
        common(child, expected, SOCKETS)
                .expectResult("held", 0)
                .expectResult("peer_reset", expected.peerReset() ? SOCKETS : 0);
        var released = bytes(by(expected.owner(), EventPattern.closed()), "unread_bytes", expected.unread());
        child.expectEvent(acknowledged(released, expected)
                .having("took_ms")
                .saying(
                        expected.peerReset()
                                ? "^    peer +.*; was sent a reset, because its last \\d+ bytes were never read$"
                                : "^    peer +.*; was sent no packet, because both FINs were exchanged before$"));
        nettyHeard(child, expected, SOCKETS);
    }

    /** The kernel has heard that the peer has all of the reply and our FIN, and has its FIN or waits for it. */
    private static EventPattern acknowledged(EventPattern leak, Expected expected) {
        return leak.with("tcp_state", expected.isOver() ? "CLOSE" : "FIN_WAIT2")
                .with("end_of_input", expected.isOver())
                .with("output_shut", true)
                .with("reset", false);
    }

    private static EventPattern by(Owner owner, EventPattern released) {
        var named = released.matching("owner", owner.name());
        return owner.told().isEmpty() ? named : named.matching("owner_told", owner.told());
    }

    private static EventPattern bytes(EventPattern leak, String field, long bytes) {
        return bytes == ENCRYPTED ? leak.having(field) : leak.with(field, bytes);
    }

    private static ChildJvm common(ChildJvm child, Expected expected, int released) {
        child.expectExitCode(0);
        child.expectResult("opened", SOCKETS).expectResult("intact", "yes");
        child.expectResult("replies_complete", SOCKETS).expectResult("peer_eof", SOCKETS);
        child.expectEvent(leak(expected.kind(), expected.grade())
                .having("site", "fd", "inode")
                .matching("local", "^\\S+:\\d+$")
                .matching("peer", "^\\S+:\\d+$")
                .having("descriptors_open", "descriptors_limit"));
        var site = reportedOnce(child, SOCKETS, released);
        return child.expect("the class in " + site, true, site.contains("." + expected.site()));
    }

    private static void nettyHeard(ChildJvm child, Expected expected, int channels) {
        if (expected.scenario().equals("netty-autoread")) {
            child.expectResult("netty_failed", channels)
                    .expectResult("netty_inactive", channels)
                    .expectResult("netty_closed", channels);
        }
    }

    /** One full report, and all counts are of its site; returns the site's place in the code. */
    static String reportedOnce(ChildJvm child, int found, int released) {
        child.expectEvents(1, leak());
        var site = child.expectEvent(leak()).text("site");
        var counts = child.events(event("counts"));
        child.expect(
                "sites",
                List.of(site),
                counts.stream().map(count -> count.text("site")).distinct().toList());
        var last = counts.get(counts.size() - 1);
        boolean asExpected = EventPattern.counts(found, released)
                .with("released_after_all", 0)
                .with("excluded", 0)
                .matches(last);
        child.expect(found + " found and " + released + " released, nothing else in " + last, true, asExpected);
        return last.text("location");
    }

    static ChildJvm clientsAreContent(ChildJvm child, int sockets) {
        return child.expectResult("opened", sockets)
                .expectResult("replies_complete", sockets)
                .expectResult("peer_eof", sockets)
                .expectResult("peer_reset", 0)
                .expectResult("intact", "yes");
    }

    private static Jvm scenario(Function<String[], Jvm> app, String scenario, String watched) {
        return app.apply(
                new String[] {"run", scenario, "--sockets", "" + SOCKETS, "--for", watched, "--reaper-timeout", "1s"});
    }
}
