package io.socketreaper.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.SettingsReader;
import io.socketreaper.control.DrainAdvice.OfGrade;
import io.socketreaper.control.DrainAdvice.Verdict;
import io.socketreaper.model.Grade;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DrainAdviceTest {
    private static final long SIX_DAYS = TimeUnit.DAYS.toMillis(6);
    private static final long MINUTE = 60_000;
    private static final String LINE = "com.example.Pool$Entry.reject(Pool.java:88)";
    private static final Map<String, String> SETTINGS = Map.of(
            "track", "all", "probe", "on", "exclude", "none", "doubtful.action", "log", "pressure.timeout", "5s");

    /** A row in which each leak that was not touched again was watched for long enough. */
    private static DryRunRow row(String grade, long reported, long used, long closed, long shortest, long longest) {
        return row(grade, LINE, reported, used, closed, reported - used - closed, shortest, longest);
    }

    private static DryRunRow row(
            String grade,
            String line,
            long reported,
            long used,
            long closed,
            long watched,
            long shortest,
            long longest) {
        return new DryRunRow(
                "867e33df",
                "half-closed",
                grade,
                line,
                reported,
                used,
                closed,
                watched,
                SIX_DAYS,
                MINUTE,
                shortest,
                longest,
                MINUTE,
                "log");
    }

    private static DrainAdvice advice(DryRunRow... rows) {
        return advice(SETTINGS, rows);
    }

    private static DrainAdvice advice(Map<String, String> settings, DryRunRow... rows) {
        return new DrainAdvice(new DryRunInfo(
                0, SIX_DAYS, settings, false, false, settings.get("probe").equals("on"), List.of(rows)));
    }

    private static DrainAdvice with(String setting, String value, DryRunRow... rows) {
        var settings = new HashMap<>(SETTINGS);
        settings.put(setting, value);
        return advice(settings, rows);
    }

    private static OfGrade of(DrainAdvice advice, Grade grade) {
        return advice.grades().get(grade.ordinal());
    }

    private static Verdict verdict(DrainAdvice advice, Grade grade) {
        return of(advice, grade).verdict();
    }

    @Test
    void leaksThatWereNeverTouchedAgainMayBeReleased() {
        DrainAdvice advice = advice(row("strong", 1190, 0, 0, 0, 0), row("weak", 14, 0, 0, 0, 0));

        assertEquals(Verdict.SAFE, verdict(advice, Grade.STRONG));
        assertTrue(
                of(advice, Grade.STRONG).why().contains("at most 1 in 396 "),
                of(advice, Grade.STRONG).why());
        assertEquals(List.of("action=drain", "strong.action=as-action", "weak.action=log"), advice.settings());
        assertEquals(
                "1204 leaks reported and not released in 6 d; none was touched again; a release of the strong ones would"
                        + " have hurt none",
                advice.headline());
        assertEquals(List.of(), advice.cameBack());
    }

    @Test
    void aLeakThatCameBackNamesTheTimeoutAndTheExclusionThatSpareIt() {
        DrainAdvice advice = advice(row("weak", 1204, 2, 1, 61_000, 74_000));

        assertEquals(Verdict.CAME_BACK, verdict(advice, Grade.WEAK));
        assertEquals(List.of(), advice.settings());
        var back = advice.cameBack().get(0);
        assertEquals("weak.timeout=93s", back.timeout());
        assertEquals("exclude=stack:com.example.Pool$Entry", back.exclude());
        assertEquals(
                "3 of 1204 leaks (weak, half-closed): read, written or closed by the application after 61.0 s to 74.0 s"
                        + " without use at " + LINE,
                DrainAdvice.sentence(back.row()));
        assertEquals(
                "1204 leaks reported and not released in 6 d; the application came back for 3, after 61.0 s to 74.0 s"
                        + " without use at " + LINE,
                advice.headline());
    }

    @Test
    void everySettingThatIsAdvisedIsValid() {
        DrainAdvice advice = with(
                "exclude",
                "remote::8080",
                row("strong", 1190, 0, 1, 61_000, 74_000),
                row("weak", 1190, 0, 0, 0, 0),
                row("proven", 50, 0, 50, 61_000, 74_000));

        var back = advice.cameBack().get(0);
        assertEquals("half-closed.timeout=93s", back.timeout());
        for (String settings : List.of(String.join(",", advice.settings()), back.timeout(), back.exclude())) {
            assertEquals(List.of(), SettingsReader.read(settings, null, null).problems(), settings);
        }
        assertEquals("exclude=remote::8080;stack:com.example.Pool$Entry", back.exclude());
        assertEquals(List.of("action=drain", "strong.action=log", "weak.action=as-action"), advice.settings());
    }

    @ParameterizedTest
    @CsvSource({
        "io.netty.channel.socket.nio.NioSocketChannel.doShutdownOutput(NioSocketChannel.java:1), none",
        "sun.nio.ch.SocketChannelImpl.shutdownOutput(SocketChannelImpl.java:1), none",
        "'', none",
        "com.example.A.b(A.java:1), (masked)"
    })
    void noExclusionIsAdvisedThatWouldExcludeTooMuchOrDropOthers(String line, String exclude) {
        DrainAdvice advice = with("exclude", exclude, row("weak", line, 40, 1, 0, 39, 61_000, 61_000));

        assertEquals("", advice.cameBack().get(0).exclude());
    }

    @ParameterizedTest
    @CsvSource({"1000, 29, 'too little seen: 29 of them were watched for 1 h, 30 are needed'", "30, 30, ''"})
    void littleIsCalledLittle(long reported, long watched, String why) {
        DrainAdvice advice = advice(row("strong", LINE, reported, 0, 0, watched, 0, 0));

        if (why.isEmpty()) {
            assertEquals(Verdict.SAFE, verdict(advice, Grade.STRONG));
        } else {
            assertEquals(Verdict.TOO_LITTLE, verdict(advice, Grade.STRONG));
            assertEquals(why, of(advice, Grade.STRONG).why());
            assertEquals(List.of(), advice.settings());
            assertTrue(advice.headline().endsWith("; too little was seen to call a release safe"), advice.headline());
        }
    }

    @ParameterizedTest
    @CsvSource({"1000, 3600000", "360000, 3600000", "600000, 6000000"})
    void aLongTimeoutTakesLongToSaySomething(long timeout, long enough) {
        assertEquals(enough, DrainAdvice.enoughMillis(timeout));
    }

    @Test
    void provenLeaksThatTheApplicationClosesLaterAreNotHarmed() {
        var closed = row("proven", LINE, 60, 0, 12, 48, 61_000, 74_000);
        assertEquals(Verdict.SAFE, verdict(advice(closed), Grade.PROVEN));
        assertEquals(Verdict.CAME_BACK, verdict(advice(row("proven", 40, 1, 0, 61_000, 74_000)), Grade.PROVEN));
    }

    @Test
    void doubtfulLeaksAreNeverPartOfTheAdvice() {
        DrainAdvice advice = advice(row("doubtful", 400, 3, 0, 61_000, 74_000), row("strong", 40, 0, 0, 0, 0));

        assertEquals(Verdict.CAME_BACK, verdict(advice, Grade.DOUBTFUL));
        assertEquals(List.of(), advice.cameBack());
        assertEquals(List.of("action=drain", "strong.action=as-action", "weak.action=log"), advice.settings());
        assertEquals(List.of(), advice(row("doubtful", 400, 0, 0, 0, 0)).settings());
    }

    private static final Set<Grade> ALL_BUT_DOUBTFUL = Set.of(Grade.PROVEN, Grade.STRONG, Grade.WEAK);

    @Test
    void whatIsReleasedWithoutAVerdictThatCallsItSafeIsWarnedOf() {
        assertEquals(
                "calls no grade safe yet: the application came back for 1 of them (strong); too little seen: 4 of them were watched"
                        + " for 1 h, 30 are needed (weak)",
                advice(row("strong", 40, 1, 0, 61_000, 61_000), row("weak", 4, 0, 0, 0, 0))
                        .warning(ALL_BUT_DOUBTFUL));
        assertEquals("calls no grade safe yet: no such leak was reported", advice().warning(ALL_BUT_DOUBTFUL));
        DrainAdvice strongIsSafe = advice(row("strong", 40, 0, 0, 0, 0), row("weak", 40, 1, 0, 61_000, 61_000));
        assertEquals(
                "does not call weak leaks safe: the application came back for 1 of them (weak)",
                strongIsSafe.warning(ALL_BUT_DOUBTFUL));
        assertEquals("", strongIsSafe.warning(Set.of(Grade.STRONG)));
    }

    @Test
    void aReleaseOfProvenLeaksNeedsNoVerdict() {
        assertEquals("", advice().warning(Set.of(Grade.PROVEN)));
        assertEquals("", advice().warning(Set.of(Grade.DOUBTFUL)));
        assertEquals(
                "calls no grade safe yet: the application came back for 1 of them (proven)",
                advice(row("proven", 40, 1, 0, 61_000, 74_000)).warning(Set.of(Grade.PROVEN)));
    }

    @Test
    void whatWasNotSeenIsSaid() {
        var peerClosed = new DryRunRow(
                "1",
                "peer-closed",
                "weak",
                "",
                5,
                1,
                0,
                4,
                1,
                MINUTE,
                61_000,
                TimeUnit.HOURS.toMillis(23),
                MINUTE,
                "log");
        var settings =
                Map.of("track", "half-closed", "probe", "auto", "doubtful.action", "log", "pressure.timeout", "5s");
        var advice = new DrainAdvice(new DryRunInfo(0, 7_200_000, settings, true, false, false, List.of(peerClosed)));

        assertEquals(6, advice.limits().size(), advice.limits()::toString);
        assertTrue(advice.limits().get(1).startsWith("The agent has been there for 2 h: "), advice.limits()::toString);
        assertTrue(
                advice.limits().get(4).contains("pressure.timeout (5s) if that is shorter"), advice.limits()::toString);
        assertEquals("", advice.cameBack().get(0).timeout(), "beyond the longest timeout");
        assertEquals("", advice.cameBack().get(0).exclude(), "no class is known");
        assertEquals("0 leaks reported and not released in 6 d", advice().headline());
        assertFalse(advice().grades().stream().anyMatch(grade -> grade.verdict() != Verdict.NONE));
    }

    @Test
    void doubtfulLeaksAreNotSaidToStayWhereASettingReleasesThem() {
        assertTrue(last(advice()).startsWith("Doubtful leaks stay reported"));
        assertTrue(last(with("doubtful.action", "drain")).startsWith("Doubtful leaks are released, too"));
        assertTrue(last(with("pressure.doubtful", "true")).startsWith("Doubtful leaks are released near"));
    }

    // -- While some leaks are released

    private static DrainAdvice releasing(String strongAction, DryRunRow... rows) {
        var settings = new HashMap<>(SETTINGS);
        settings.putAll(
                Map.of("action", "drain", "strong.action", strongAction, "weak.action", "log", "probe", "auto"));
        return new DrainAdvice(new DryRunInfo(0, SIX_DAYS, settings, false, true, true, List.of(rows)));
    }

    private static DryRunRow peerClosed(String grade, long reported) {
        return new DryRunRow(
                "1", "peer-closed", grade, LINE, reported, 0, 0, reported, SIX_DAYS, MINUTE, 0, 0, MINUTE, "log");
    }

    @Test
    void leaksThatAreDoubtfulBecauseTheirPeersAnswerAreNoDryRunOfARelease() {
        DrainAdvice advice = releasing("as-action", peerClosed("doubtful", 40));

        assertTrue(advice.isOfTheRest());
        assertEquals(
                "40 leaks reported and not released in 6 d; none was touched again; all of them are doubtful",
                advice.headline());
        assertEquals(
                "No grade that is only reported can be called safe yet. Leave its action as it is, and ask again later.",
                advice.untilSafe());
        String limits = String.join("\n", advice.limits());
        assertFalse(limits.contains("not asked"), limits);
        assertTrue(
                limits.contains(
                        "Peers are asked whether they are gone (probe=auto): a peer-closed leak is doubtful while its"
                                + " peer answers, and strong once the peer is gone"),
                limits);
    }

    @Test
    void inADryRunTheAdviceIsToLeaveIt() {
        assertFalse(advice().isOfTheRest());
        assertEquals("No grade can be called safe yet. Leave action=log, and ask again later.", advice().untilSafe());
    }

    @Test
    void onlyGradesThatDependOnAnAnswerSpeakOfThePeers() {
        for (String probe : List.of("auto", "off")) {
            assertTrue(with("probe", probe, peerClosed("weak", 1))
                    .limits()
                    .toString()
                    .contains("(probe=" + probe + ")"));
            assertFalse(with("probe", probe, peerClosed("strong", 1))
                    .limits()
                    .toString()
                    .contains("Peers "));
        }
        String off = with("probe", "off", peerClosed("weak", 1)).limits().toString();
        assertFalse(off.contains("no release depended on it"), off);
        assertFalse(releasing("as-action", row("weak", 40, 0, 0, 0, 0))
                .limits()
                .toString()
                .contains("Peers "));
    }

    @Test
    void whatIsReleasedGoesOnToBe() {
        DryRunRow weak = row("weak", 40, 0, 0, 0, 0);

        assertEquals(
                List.of("action=drain", "strong.action=as-action", "weak.action=as-action"),
                releasing("as-action", weak).settings());
        assertEquals(
                List.of("action=drain", "strong.action=close", "weak.action=as-action"),
                releasing("close", weak).settings());
        assertEquals(
                List.of("action=drain", "strong.action=log", "weak.action=as-action"),
                releasing("log", weak).settings());
    }

    private static String last(DrainAdvice advice) {
        return advice.limits().get(advice.limits().size() - 1);
    }
}
