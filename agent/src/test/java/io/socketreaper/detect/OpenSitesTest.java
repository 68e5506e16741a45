package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.SocketReaperHook;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.TcpState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Open sockets by the line that opened them, with a fake clock. */
class OpenSitesTest {
    private static final long AT_ONCE = Long.MAX_VALUE;
    private static final Duration SWEEP = Duration.ofMillis(500);

    private final World world = new World("track=all,timeout=10s,growing.window=30s");

    @Test
    void socketsAreCountedWhereTheyWereOpened() {
        List<ImaginarySocket> pool = openedByPool(3);
        openedByOther();
        world.pass(SWEEP);

        OpenSite site = siteOf("openedByPool");
        assertEquals(3, site.open());
        assertEquals(3, site.opened());
        assertEquals(1, siteOf("openedByOther").open());
        assertNotEquals(site.id(), siteOf("openedByOther").id());
        assertEquals(-1, site.port());

        close(pool.get(0));
        world.pass(SWEEP);
        assertEquals(2, site.open());
        assertEquals(3, site.opened());
    }

    @Test
    void aSocketThatATestHasInspectedBeforeTheFirstSweepIsCountedToo() {
        long now = world.clock.nanoTime();
        openedByPool(2);
        world.detector.inspect(new Inspection(now, world.clock.nanoTime(), 1000, Set.of(), null));
        world.pass(SWEEP);

        assertEquals(2, siteOf("openedByPool").opened());
    }

    @Test
    void thoseWithTheMostOpenSocketsComeFirstWhenDescriptorsRunOut() {
        openedByOther();
        openedByPool(3);
        world.pass(SWEEP);

        List<OpenCount> most = world.detector.openSites().mostOpen();
        assertEquals(List.of(3, 1), most.stream().map(OpenCount::descriptors).toList());
        assertEquals(siteOf("openedByPool").id(), most.get(0).id());
    }

    @Test
    void growthIsKnownForAMinuteTenAndSixty() {
        openedByPool(1);
        world.pass(SWEEP);
        OpenSite site = siteOf("openedByPool");
        assertNull(site.growth(1));
        world.pass(Duration.ofSeconds(65));
        assertEquals(0, site.growth(1));
        assertNull(site.growth(10));
        openedByPool(5);
        world.pass(Duration.ofSeconds(30));
        assertEquals(5, site.growth(1));
        assertEquals(5, site.openedPerMinute());
        world.pass(Duration.ofMinutes(2));
        assertEquals(0, site.growth(1));
        assertEquals(0, site.openedPerMinute());
    }

    @Test
    void aWalkTellsStatesPeersAndAges() {
        List<ImaginarySocket> pool = openedByPool(2);
        world.pass(Duration.ofSeconds(5));
        openedByPool(1);
        pool.get(0).peerCloses();
        world.pass(Duration.ofSeconds(1));

        OpenWalk.Tally all = walk(world.detector.openSites().walk()).get(siteOf("openedByPool"));
        assertEquals(3, all.open());
        assertEquals(Map.of(TcpState.ESTABLISHED, 2, TcpState.CLOSE_WAIT, 1), all.states());
        assertEquals(1, all.youngestMillis() / 1000);
        assertEquals(6, all.medianMillis() / 1000);
        assertEquals(6, all.oldestMillis() / 1000);

        OpenWalk.Tally old =
                walk(world.detector.openSites().walk().olderThan(3_000)).get(siteOf("openedByPool"));
        assertEquals(2, old.open());
        OpenWalk.Tally waiting = walk(world.detector.openSites().walk().inState(TcpState.CLOSE_WAIT))
                .get(siteOf("openedByPool"));
        assertEquals(1, waiting.open());
    }

    @Test
    void aWalkListsTheSocketsOfOneSiteWithTheirSuspects() {
        List<ImaginarySocket> pool = openedByPool(2);
        openedByOther();
        pool.get(0).peerCloses();
        world.pass(Duration.ofSeconds(1));
        OpenSite site = siteOf("openedByPool");

        Map<OpenSite, OpenWalk.Tally> counted =
                walk(world.detector.openSites().walk().listing(site.id()));
        List<OpenWalk.Listed> listed = counted.get(site).sockets();
        assertEquals(2, listed.size());
        assertEquals(List.of(), counted.get(siteOf("openedByOther")).sockets());
        for (OpenWalk.Listed each : listed) {
            boolean isLost = each.state() == TcpState.CLOSE_WAIT;
            assertTrue(each.socket().is(pool.get(isLost ? 0 : 1)), each::toString);
            assertEquals(isLost ? world.detector.list().get(0).number() : -1, each.suspect());
        }
    }

    @Test
    void aWalkOfManyIsDoneInParts() {
        for (int i = 0; i < 10; i++) {
            openedByPool(100);
            world.pass(Duration.ofSeconds(2));
        }
        OpenWalk walk = world.detector.openSites().walk();
        int parts = 1;
        Map<OpenSite, OpenWalk.Tally> counted = walk.goOn(-1);
        for (; counted == null; parts++) {
            counted = walk.goOn(-1);
        }
        assertTrue(parts > 5, parts + " parts");
        assertEquals(1000, counted.get(siteOf("openedByPool")).open());
    }

    @Test
    void growthIsNotReportedDuringAPauseButAfterwards() {
        OpenSites sites = world.detector.openSites();
        world.detector.pause(true);
        for (int second = 0; second < 60; second++) {
            openedByPool(1);
            world.pass(Duration.ofSeconds(1));
            assertEquals(List.of(), sites.takeChanged());
        }
        OpenSite grows = siteOf("openedByPool");
        assertTrue(grows.isGrowing());
        world.detector.pause(false);
        assertEquals(List.of(grows), sites.takeChanged());
    }

    @Test
    void aSiteThatPilesUpIsFoundAndOneWhoseSocketsAreUsedIsNot() {
        var used = new ArrayList<ImaginarySocket>();
        for (int second = 0; second < 60; second++) {
            openedByPool(1);
            used.addAll(openedByOther());
            used.forEach(world::reads);
            world.pass(Duration.ofSeconds(1));
        }

        OpenSite grows = siteOf("openedByPool");
        assertTrue(grows.isGrowing());
        assertEquals(60, grows.perMinute(), 6);
        assertFalse(siteOf("openedByOther").isGrowing());
        assertEquals(List.of(grows), world.detector.openSites().takeChanged());
        assertEquals(List.of(), world.detector.openSites().takeChanged());
        assertEquals(List.of(), world.sink.outcomes(), "growth is only reported");
    }

    @Test
    void readsOfOpenSocketsAreToldOnlyWhileASiteRises() {
        openedByPool(5);
        world.pass(Duration.ofMinutes(2));
        assertFalse(world.trafficWanted());
        boolean wanted = false;
        for (int second = 0; second < 40; second++) {
            openedByPool(1);
            world.pass(Duration.ofSeconds(1));
            wanted |= world.trafficWanted();
        }
        assertTrue(wanted);
        world.pass(Duration.ofMinutes(3));
        assertFalse(world.trafficWanted());
    }

    @Test
    void twoPortsOfOneAcceptLoopAreTwoSites() {
        var sampler = new StackSampler(0);
        CapturedStack first = sampler.sample(0);
        CapturedStack second = new CapturedStack(StackOrigin.OPENED, "", traceOf(first));
        CapturedStack third = new CapturedStack(StackOrigin.OPENED, "", traceOf(first));
        first.acceptedOn(80);
        second.acceptedOn(443);
        third.acceptedOn(80);
        OpenSites sites = world.detector.openSites();

        assertSame(first, sampler.shared(first));
        CapturedStack other = sampler.shared(second);
        assertEquals(443, other.port());
        assertSame(other, sampler.shared(second));
        assertSame(first, sampler.shared(third));
        assertNotEquals(sites.of(first).id(), sites.of(other).id());
        assertEquals(443, sites.of(other).port());
    }

    /** As FTP does in passive mode: its ports must not use up the room for stacks. */
    @Test
    void aLineThatAcceptsOnVeryManyPortsIsOneSiteWithoutAPort() {
        var sampler = new StackSampler(0);
        CapturedStack first = sampler.sample(0);
        OpenSites sites = world.detector.openSites();
        for (int port = 1; port <= 3000; port++) {
            var accepted = new CapturedStack(StackOrigin.OPENED, "", traceOf(first));
            accepted.acceptedOn(port);
            sites.of(sampler.shared(accepted));
        }

        var last = new CapturedStack(StackOrigin.OPENED, "", traceOf(first));
        last.acceptedOn(4000);
        assertEquals(-1, sampler.shared(last).port());
        assertSame(sampler.shared(last), sampler.shared(last));
        CapturedStack elsewhere = sampler.sample(0);
        assertSame(elsewhere, sampler.shared(elsewhere), "there is room for other stacks");
        assertTrue(sites.all().size() <= 20, sites.all().size() + " sites");
    }

    /** Its first socket was swept before the self-test, and could not tell its port then. */
    @Test
    void aLineThatAcceptsOnVeryManyPortsCountsEachSocketOnce() {
        var accepted = new ArrayList<ImaginarySocket>();
        for (int port = 1000; port <= 1020; port++) {
            accepted.add(accept().acceptedOn(port).ofProvenStack(port > 1000));
            world.pass(SWEEP);
        }
        accepted.get(0).ofProvenStack(true);
        world.pass(Duration.ofSeconds(10));

        long opened = world.detector.openSites().all().stream()
                .mapToLong(OpenSite::opened)
                .sum();
        assertEquals(21, opened);
    }

    private ImaginarySocket accept() {
        return SocketReaperHook.opened(world);
    }

    @Test
    void halfClosedSocketsThatAreUsedDoNotPileUp() {
        var used = new ArrayList<ImaginarySocket>();
        for (int second = 0; second < 90; second++) {
            ImaginarySocket socket = open();
            socket.shutsOutput();
            world.events.halfClosed(socket);
            used.add(socket);
            used.forEach(world::reads);
            world.pass(Duration.ofSeconds(1));
        }
        assertEquals(List.of(), world.detector.openSites().takeChanged());
    }

    private static Throwable traceOf(CapturedStack other) {
        var trace = new Throwable();
        trace.setStackTrace(other.stack());
        return trace;
    }

    @Test
    void anAcceptedConnectionIsKnownByItsJdkFrames() {
        var accepting = new StackTraceElement[] {
            new StackTraceElement("sun.nio.ch.ServerSocketChannelImpl", "finishAccept", "X.java", 1),
            new StackTraceElement("sun.nio.ch.ServerSocketChannelImpl", "accept", "X.java", 2),
            new StackTraceElement("com.example.Server", "run", "Server.java", 3)
        };
        var ofTheJdk = new StackTraceElement[] {
            new StackTraceElement("sun.nio.ch.SocketChannelImpl", "<init>", "X.java", 1),
            new StackTraceElement("sun.nio.ch.ServerSocketChannelImpl", "finishAccept", "X.java", 2),
            new StackTraceElement("app", "jdk.httpserver", "17", "sun.net.httpserver.ServerImpl", "run", "S.java", 3),
            new StackTraceElement("java.lang.Thread", "run", "X.java", 4)
        };
        assertTrue(OpenSites.isAccepted(ofTheJdk));
        var trace = new Throwable();
        trace.setStackTrace(ofTheJdk);
        OpenSite server = world.detector.openSites().of(new CapturedStack(StackOrigin.OPENED, "", trace));
        assertEquals("sun.net.httpserver.ServerImpl.run(S.java:3)", server.location());
        var connecting = new StackTraceElement[] {
            new StackTraceElement("java.nio.channels.SocketChannel", "open", "X.java", 1),
            new StackTraceElement("com.example.Client", "accept", "Client.java", 2)
        };
        assertTrue(OpenSites.isAccepted(accepting));
        assertFalse(OpenSites.isAccepted(connecting));
        assertFalse(OpenSites.isAccepted(new StackTraceElement[0]));
    }

    /** Found by a test of the whole: the port of a new socket is not known before the sweep, and its site is named by the port, too. */
    @Test
    void aWalkLeavesOutWhatNoSweepHasMet() {
        openedByPool(2);
        assertEquals(Map.of(), walk(world.detector.openSites().walk()));
        assertEquals(2, world.detector.openSites().all().size(), "not-sampled and before-attach");
        world.pass(SWEEP);
        assertEquals(
                2,
                walk(world.detector.openSites().walk())
                        .get(siteOf("openedByPool"))
                        .open());
    }

    @Test
    void sitesBeyondTheBoundAreOne() {
        OpenSites sites = world.detector.openSites();
        for (int i = 0; i < OpenSites.MOST_SITES + 50; i++) {
            var trace = new Throwable();
            trace.setStackTrace(new StackTraceElement[] {new StackTraceElement("com.example.C" + i, "m", "C.java", i)});
            sites.of(new CapturedStack(StackOrigin.OPENED, "", trace));
        }
        // Beside them: other, not-sampled and before-attach.
        assertEquals(OpenSites.MOST_SITES + 3, sites.all().size());
        assertTrue(sites.all().stream().anyMatch(site -> site.id().equals("other")));
    }

    private List<ImaginarySocket> openedByPool(int count) {
        var sockets = new ArrayList<ImaginarySocket>();
        for (int i = 0; i < count; i++) {
            sockets.add(open());
        }
        return sockets;
    }

    private List<ImaginarySocket> openedByOther() {
        return List.of(open());
    }

    /** A site is named by three frames: two of these and its caller. */
    private ImaginarySocket open() {
        return opened();
    }

    private ImaginarySocket opened() {
        return SocketReaperHook.opened(world);
    }

    private void close(ImaginarySocket socket) {
        socket.applicationCloses();
        world.events.released(socket);
    }

    private OpenSite siteOf(String method) {
        return world.detector.openSites().all().stream()
                .filter(site -> List.of(site.stack()).stream()
                        .anyMatch(frame -> frame.getMethodName().equals(method)))
                .findFirst()
                .orElseThrow();
    }

    private static Map<OpenSite, OpenWalk.Tally> walk(OpenWalk walk) {
        return walk.goOn(AT_ONCE);
    }
}
