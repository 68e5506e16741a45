package io.socketreaper.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.imaginary.RecordingLogger;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.DescriptorShortage;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortageTextTest {
    private static final DescriptorKinds KINDS = DescriptorKinds.of(1, 20, 3, 4, 250, 0, 0, 7, 8, 12, 13, 9, 2);

    @Test
    void pressureIsSaidInNumbers() {
        assertEquals(
                "few descriptors left: 921 of 1024 descriptors open (89 %); the timeout of proven and strong leaks is now "
                        + "at most 5.0 s",
                ShortageText.of(new DescriptorShortage.Begun(921, 1024, 5000)));
        assertEquals(
                "enough descriptors again: 12 of 1024 descriptors open (1 %), after 61.5 s; 1 leaked socket was released",
                ShortageText.of(new DescriptorShortage.Ended(12, 1024, 61_500, 1)));
    }

    @Test
    void anExhaustionSaysWhatTheDescriptorsAreUsedForAndWhoLostThem() {
        assertEquals(
                """
                OUT OF DESCRIPTORS ("Too many open files"): a socket could not be opened or accepted, 304 of 304 descriptors open (100 %%)
                    tcp     ESTABLISHED 20, CLOSE_WAIT 3, FIN_WAIT 4, LISTEN 1, finished or never connected 250
                    other   other sockets 7, pipes 8, files 9, selectors 12, eventfds 13, others 2
                    sites   found 2, released 1: site %s (half-closed) at app.Server.one(Server.java:1)
                            found 1, released 0: site %s (half-closed) at app.Server.two(Server.java:1)
                    freed   54 open 300 ms later; 250 leaked sockets were released""".formatted(site("one").id(), site("two").id()),
                ShortageText.of(new DescriptorShortage.Exhausted(
                        304,
                        304,
                        KINDS,
                        List.of(twice(site("one")), once(site("two"))),
                        List.of(),
                        54,
                        300,
                        250,
                        false)));
    }

    @Test
    void untrackedSocketsAndConnectionsOnTheirWayAreNamedIfThereAreAny() {
        var text = ShortageText.of(new DescriptorShortage.Exhausted(
                10,
                10,
                DescriptorKinds.of(0, 0, 0, 0, 5, 2, 3, 0, 0, 0, 0, 0, 0),
                List.of(),
                List.of(new OpenCount("4d3c2b1a", "a.Pool.b(P.java:7)", 40)),
                10,
                1500,
                0,
                true));
        assertTrue(text.contains("finished or never connected 5 (2 of them untracked), other 3\n"), text);
        assertTrue(
                text.contains(
                        "\n    sites   no leak is known\n    open    40 descriptors: opening site 4d3c2b1a at a.Pool.b(P.java:7)\n"),
                text);
        assertTrue(
                text.endsWith(
                        "freed   10 open 1.5 s later; no leaked socket was released; the agent asked for a garbage collection, "
                                + "which frees sockets that the application has dropped"),
                text);
    }

    @Test
    void whatCannotBeToldIsNotInvented() {
        var text = ShortageText.of(new DescriptorShortage.Exhausted(
                10, 10, DescriptorKinds.NONE, List.of(), List.of(), 10, 300, 0, false));
        assertTrue(text.contains("\n    tcp     what the descriptors are used for is unknown\n    sites"), text);
    }

    @Test
    void theEndSaysWhetherACollectionWasAskedForAndCame() {
        assertEquals(
                "descriptors are available again after 2.0 s: 20 of 304 descriptors open (6 %), 304 before; "
                        + "no leaked socket was released; the agent asked for a garbage collection",
                ShortageText.of(new DescriptorShortage.Over(20, 304, 304, 2000, 0, true, true)));
        assertEquals(
                "descriptors are available again after 2.0 s: 20 of 304 descriptors open (6 %), 304 before; "
                        + "284 leaked sockets were released",
                ShortageText.of(new DescriptorShortage.Over(20, 304, 304, 2000, 284, false, false)));
        assertTrue(ShortageText.of(new DescriptorShortage.Over(20, 304, 304, 2000, 0, true, false))
                .endsWith("the agent asked for a garbage collection, but the JVM ran none (-XX:+DisableExplicitGC?)"));
    }

    @Test
    void badNewsIsAWarningGoodNewsIsNot() {
        var log = new RecordingLogger();
        var sink = new LogSink(log, 60_000, 20, new AddressFormat(false));
        sink.shortage(new DescriptorShortage.Begun(921, 1024, 5000));
        sink.shortage(new DescriptorShortage.Exhausted(1024, 1024, KINDS, List.of(), List.of(), 54, 300, 250, false));
        sink.shortage(new DescriptorShortage.Over(20, 1024, 1024, 2000, 284, false, false));
        sink.shortage(new DescriptorShortage.Ended(12, 1024, 61_500, 1));
        assertEquals(
                List.of("WARN", "WARN", "INFO", "INFO"),
                log.lines().stream().map(line -> line.substring(0, 4)).toList());
    }

    private final LeakSites sites = new LeakSites();

    private LeakSite site(String method) {
        return Leaks.siteIn(sites, LeakKind.HALF_CLOSED, StackOrigin.HALF_CLOSED, new StackTraceElement[] {
            new StackTraceElement("app.Server", method, "Server.java", 1)
        });
    }

    private static LeakSite once(LeakSite site) {
        site.countFound(Grade.WEAK);
        return site;
    }

    private static LeakSite twice(LeakSite site) {
        site.countReleased();
        return once(once(site));
    }
}
