package io.socketreaper.testapp;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every leaking scenario without the agent's help, seen by it, drained by it and closed by it. */
class ScenarioIT {
    private static final int SOCKETS = 20;
    private static final Pattern COUNTS = Pattern.compile("leak site (\\w+) \\([a-z-]+\\) at (\\S+): "
            + "(count=\\d+ released=\\d+ released-after-all=\\d+ excluded=\\d+)(; \\+\\d+ since the last counts)?$");

    /** The event loop meets the failure in its own read, unless the machine is so busy that it does not come to it. */
    private static final String SELECTED =
            "closed by its owner, JDK channel.* \\((handed back: its owner closed it after its own read "
                    + "failed|its owner's thread could not be told in time)\\)";

    private static final String BLOCKING =
            "closed by its owner, JDK channel \\(its owner could not be told, because in blocking mode "
                    + "it has no selection key\\)";

    /**
     * What the reports have to say.
     *
     * @param kind      how they are lost
     * @param grade     how sure that is
     * @param site      the class that half-closes
     * @param drained   the drain: how many bytes, and what ended it
     * @param closed    the input that close leaves unread
     * @param how       who closes, and how the owner comes to know of it
     * @param peerReset whether close resets the peer
     */
    private record Expected(
            String scenario,
            String kind,
            String grade,
            String site,
            String drained,
            String closed,
            String how,
            boolean peerReset) {
        static Expected strong(String scenario, String site, int unread, String how) {
            return new Expected(
                    scenario,
                    "half-closed",
                    "strong",
                    site,
                    unread + " bytes discarded up to the end of input",
                    unread + " bytes unread",
                    how,
                    false);
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
                        "peer-stays-open",
                        "half-closed",
                        "weak",
                        "LineConnection",
                        "17 bytes discarded until nothing more came for drain-idle",
                        "17 bytes unread",
                        SELECTED,
                        true),
                new Expected(
                        "peer-keeps-sending",
                        "half-closed",
                        "weak",
                        "LineConnection",
                        "262144 bytes discarded until drain-bytes was reached",
                        "\\d+ bytes unread",
                        SELECTED,
                        true),
                Expected.strong("reply-in-flight", "LineConnection", 17, SELECTED),
                netty("4.1"),
                Expected.strong("blocking-mode", "BlockingMode", 17, BLOCKING),
                Expected.strong("adaptor-stream", "AdaptorStream", 17, BLOCKING),
                new Expected(
                        "classic-socket",
                        "half-closed",
                        "strong",
                        "ClassicSocket",
                        "17 bytes discarded up to the end of input",
                        "17 bytes unread",
                        "closed by its owner, java.net.Socket",
                        false),
                new Expected(
                        "async-channel",
                        "half-closed",
                        "strong",
                        "AsyncChannel",
                        "17 bytes discarded up to the end of input",
                        "17 bytes unread",
                        "closed by its owner, JDK asynchronous "
                                + "channel \\(its owner could not be told, because an asynchronous channel has no selection key",
                        false),
                new Expected(
                        "tls-socket",
                        "half-closed",
                        "strong",
                        "TlsSocket",
                        "\\d+ bytes discarded up to the end of input",
                        "\\d+ bytes unread",
                        "closed by its owner, sun.security.ssl.SSLSocketImpl",
                        false),
                new Expected(
                        "tls-engine",
                        "half-closed",
                        "strong",
                        "TlsEngine",
                        "\\d+ bytes discarded up to the end of input",
                        "\\d+ bytes unread",
                        BLOCKING,
                        false),
                new Expected(
                        "dropped-channel",
                        "unreachable",
                        "proven",
                        "BlockingMode",
                        "17 bytes discarded up to the end of input",
                        "17 bytes unread",
                        "closed by its owner, Socket Reaper, because no object is left that could",
                        false));
    }

    private static Expected netty(String line) {
        return new Expected(
                "netty-autoread",
                "half-closed",
                "strong",
                "NettyAutoread",
                "17 bytes discarded up to the end of input",
                "17 bytes unread",
                "closed by its owner, Netty " + line
                        + " io.netty.channel.socket.nio.NioSocketChannel, closed on its event loop",
                false);
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
            child.expectErr("done +drained: 4194304 bytes discarded up to the end of input, ");
            child.expectErr("peer +has acknowledged the whole reply and our FIN; "
                    + "ended its side during the drain, a clean end");
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
                    "count=" + SOCKETS + " ",
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
        child.expectErr("done +nothing \\(action=log\\)$");
        child.expectErr("would +action=drain would discard ");
        child.expectErr("peer +has acknowledged the whole reply and our FIN; "
                + (!expected.grade().equals("weak") ? "has ended its side too" : "has not ended its side"));
        nettyHeard(child, expected, 0);
    }

    private static void drained(ChildJvm child, Expected expected) {
        boolean cutOff = expected.drained().contains("drain-bytes");
        common(child, expected, SOCKETS).expectResult("held", 0).expectResult("peer_reset", cutOff ? SOCKETS : 0);
        if (expected.scenario().equals("peer-stays-open")) {
            // Released without a packet; the test's own further write is what the peer gets a reset for, later.
            child.expectErr("peer +.*; was sent nothing; it sees a reset only if it sends more");
        }
        child.expectErr(
                "done +drained: " + expected.drained() + ", then " + expected.how() + ".*; the descriptor is gone");
        nettyHeard(child, expected, SOCKETS);
    }

    private static void closed(ChildJvm child, Expected expected) {
        common(child, expected, SOCKETS)
                .expectResult("held", 0)
                .expectResult("peer_reset", expected.peerReset() ? SOCKETS : 0);
        child.expectErr("done +" + expected.how() + ".*, with " + expected.closed() + "; the descriptor is gone");
        child.expectErr(
                expected.peerReset()
                        ? "peer +.*; was sent a RST, because its last \\d+ bytes were never read"
                        : "peer +.*; no packet was sent, both FINs were exchanged before");
        nettyHeard(child, expected, SOCKETS);
    }

    private static ChildJvm common(ChildJvm child, Expected expected, int released) {
        child.expectExitCode(0);
        child.expectResult("opened", SOCKETS).expectResult("intact", "yes");
        child.expectResult("replies_complete", SOCKETS).expectResult("peer_eof", SOCKETS);
        child.expectErr("LEAK " + expected.kind() + " \\(" + expected.grade()
                + "\\), site \\w+: local \\S+:\\d+, peer \\S+:\\d+, "
                + "fd \\d+ = socket:\\[\\d+]$");
        child.expectErr("process +\\d+ of \\d+ descriptors open");
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
        child.expectErr(1, "LEAK ");
        var site = child.expectErr("LEAK ").replaceAll(".*, site (\\w+):.*", "$1");
        var counts =
                child.err().stream().map(COUNTS::matcher).filter(Matcher::find).toList();
        child.expect(
                "sites",
                List.of(site),
                counts.stream().map(count -> count.group(1)).distinct().toList());
        var last = counts.get(counts.size() - 1);
        child.expect(
                "its counts",
                "count=" + found + " released=" + released + " released-after-all=0 excluded=0",
                last.group(3));
        return last.group(2);
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
