package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.SocketReaperHook;
import io.socketreaper.imaginary.World;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.BlameKind;
import io.socketreaper.model.LeakKind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which line of code a leak is blamed on, and that sites are told apart by it. */
class BlameTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int STACKS_A_SECOND = 200;

    private World world = new World("track=all,timeout=10s");

    /** The server: every socket is accepted in one line, with the same callers as far as a site is named by them. */
    private ImaginarySocket accept() {
        return serve();
    }

    private ImaginarySocket serve() {
        return next();
    }

    private ImaginarySocket next() {
        return SocketReaperHook.opened(world);
    }

    /** Three handlers of requests. */
    private final class Orders {
        void readToTheEnd(ImaginarySocket socket) {
            SocketReaperHook.tell(() -> world.events.endOfInput(socket));
        }

        void read(ImaginarySocket socket) {
            SocketReaperHook.tell(() -> world.reads(socket));
        }
    }

    private final class Invoices {
        void readToTheEnd(ImaginarySocket socket) {
            SocketReaperHook.tell(() -> world.events.endOfInput(socket));
        }

        void answer(ImaginarySocket socket) {
            SocketReaperHook.tell(() -> world.writes(socket));
        }
    }

    private final Orders orders = new Orders();
    private final Invoices invoices = new Invoices();

    /** Reads the end of input in a helper of one or the other handler; their fourth frames are the same. */
    private static String handler(Leak leak) {
        return leak.site().location().replaceAll("^.*\\$(\\w+)\\.(\\w+)\\(.*$", "$1.$2");
    }

    @Test
    void twoHandlersBehindOneAcceptLoopAreTwoSites() {
        for (int i = 0; i < 3; i++) {
            ImaginarySocket order = accept();
            orders.readToTheEnd(order);
            order.peerCloses();
            ImaginarySocket invoice = accept();
            invoices.readToTheEnd(invoice);
            invoice.peerCloses();
        }
        List<Leak> leaks = leaks(6);

        assertEquals(Set.of("Orders.readToTheEnd", "Invoices.readToTheEnd"), handlers(leaks));
        assertEquals(2, world.sites.all().size());
        for (LeakSite site : world.sites.all()) {
            assertEquals(3, site.found());
            assertTrue(LeakSites.location(site.opening()).contains("BlameTest.next("), site::location);
        }
        for (Leak leak : leaks) {
            assertEquals(BlameKind.END_OF_INPUT, leak.blame().kind());
            assertEquals(Thread.currentThread().getName(), leak.blame().thread());
            assertEquals(leak.site().location(), leak.blame().location());
            assertTrue(LeakSites.location(leak.opening()).contains("BlameTest.next("));
        }
    }

    @Test
    void oneHandlerIsOneSiteWhereverItsSocketsWereOpened() {
        for (int i = 0; i < 3; i++) {
            ImaginarySocket socket = i == 0 ? accept() : world.openedSocket();
            orders.readToTheEnd(socket);
            socket.peerCloses();
        }
        leaks(3);

        assertEquals(1, world.sites.all().size());
    }

    @Test
    void aLeakWithoutALineToBlameIsNamedByItsOpeningAndSaysWhy() {
        accept().peerCloses();
        Leak leak = leaks(1).get(0);

        assertEquals(BlameKind.NONE, leak.blame().kind());
        assertTrue(leak.site().location().contains("BlameTest.next("), leak.site()::location);
        assertTrue(leak.blame().why().contains("was not sampled"), leak.blame()::why);
    }

    @Test
    void afterALeakWithoutALineTheNextOnesAreBlamedOnTheirLastReadOrWrite() {
        accept().peerCloses();
        leaks(1);
        world.pass(Duration.ofSeconds(1));
        assertTrue(world.trafficWanted());

        ImaginarySocket order = accept();
        invoices.answer(order);
        orders.read(order);
        order.peerCloses();
        ImaginarySocket invoice = accept();
        orders.read(invoice);
        world.pass(Duration.ofSeconds(2));
        invoices.answer(invoice);
        invoice.peerCloses();
        List<Leak> leaks = leaks(3);

        assertEquals(Set.of("Orders.read", "Invoices.answer"), handlers(leaks.subList(1, 3)));
        assertEquals(
                Set.of(BlameKind.LAST_READ, BlameKind.LAST_WRITE),
                Set.of(leaks.get(1).blame().kind(), leaks.get(2).blame().kind()));
        assertEquals(3, world.sites.all().size());
    }

    /** A sweep that came before the self-test named the first socket's site without its port, and that of the others with it. */
    @Test
    void aServersFirstLeakIsOfTheSameSiteAsTheNextAlsoIfItWasSweptBeforeTheSelfTest() {
        ImaginarySocket first = accept().ofProvenStack(false);
        world.pass(Duration.ofSeconds(1));
        first.ofProvenStack(true).peerCloses();
        leaks(1);
        world.pass(Duration.ofSeconds(1));

        ImaginarySocket next = accept();
        world.pass(Duration.ofSeconds(1));
        invoices.answer(next);
        next.peerCloses();

        assertEquals("Invoices.answer", handler(leaks(2).get(1)));
        List<OpenSite> sites = world.detector.openSites().all().stream()
                .filter(site -> site.open() > 0)
                .toList();
        assertEquals(List.of(2), sites.stream().map(OpenSite::open).toList());
        assertEquals(first.endpoints().localPort(), sites.get(0).port());
    }

    @Test
    void noStackOfAReadIsTakenBeforeALeakHasShownThatOneIsMissed() {
        ImaginarySocket suspect = accept();
        suspect.peerCloses();
        world.pass(Duration.ofSeconds(1));
        assertTrue(world.trafficWanted());
        ImaginarySocket other = accept();
        orders.read(other);
        other.peerCloses();

        for (Leak leak : leaks(2)) {
            assertEquals(BlameKind.NONE, leak.blame().kind());
        }
    }

    @Test
    void aLaterUseThatIsNotSampledTakesTheSampleAway() {
        accept().peerCloses();
        leaks(1);
        ImaginarySocket socket = accept();
        orders.read(socket);
        for (int i = 0; i < STACKS_A_SECOND; i++) {
            orders.read(accept());
        }
        invoices.answer(socket);
        socket.peerCloses();

        assertEquals(BlameKind.NONE, leaks(2).get(1).blame().kind());
    }

    @Test
    void aSiteIsWantedForTenMinutesAfterItsLastSuchLeak() {
        ImaginarySocket lost = accept();
        lost.peerCloses();
        leaks(1);
        world.events.released(lost);
        world.pass(Duration.ofMinutes(9));
        assertTrue(world.trafficWanted());
        ImaginarySocket socket = accept();
        orders.read(socket);
        world.pass(Duration.ofMinutes(2));
        assertFalse(world.trafficWanted());

        socket.peerCloses();
        Leak leak = leaks(2).get(1);
        assertEquals(BlameKind.NONE, leak.blame().kind(), "it may have been used since");
    }

    @Test
    void withoutTheReadsOfOpenSocketsNoneIsWanted() {
        world = new World("timeout=10s");
        world.halfClosedSocket();
        Leak leak = leaks(1).get(0);

        assertEquals(BlameKind.HALF_CLOSE, leak.blame().kind());
        assertEquals(0, leak.opening().length);
        assertFalse(world.trafficWanted());
    }

    /** While a sweep names the site of a new socket its use is not lost. */
    @Test
    void aUseIsSampledAlsoWhileTheSiteOfItsSocketIsBeingNamed() {
        long now = world.clock.nanoTime();
        var sampler = new UseSampler(world.clock, true, now);
        var wanted = new CapturedStack(StackOrigin.OPENED, "");
        wanted.openSite = new OpenSite("site", "", wanted.stack(), StackOrigin.OPENED, -1);
        sampler.want(wanted, now);
        var socket = new OpenSocket(world.openedSocket(), new CapturedStack(StackOrigin.OPENED, ""));

        socket.origin.stack();
        sampler.used(socket, true);

        assertNotNull(socket.lastUse);
    }

    @Test
    void onlySomeSitesAreWantedAtOnce() {
        var sampler = new UseSampler(world.clock, true, world.clock.nanoTime());
        for (int i = 0; i < 1000; i++) {
            var opening = new CapturedStack(StackOrigin.OPENED, "");
            opening.openSite = new OpenSite("site" + i, "", opening.stack(), StackOrigin.OPENED, -1);
            sampler.want(opening, world.clock.nanoTime());
        }
        assertEquals(UseSampler.MOST_SITES, sampler.sites());
        world.clock.advance(Duration.ofMinutes(11));
        assertFalse(sampler.areWanted(world.clock.nanoTime()));
        assertEquals(0, sampler.sites());
    }

    @Test
    void anEndOfInputThatWasReadAfterTheHalfCloseIsTheLineToBlame() {
        ImaginarySocket socket = accept();
        halfClose(socket);
        world.pass(Duration.ofMillis(1));
        orders.readToTheEnd(socket);
        socket.peerCloses();
        Leak leak = leaks(1).get(0);

        assertEquals(LeakKind.HALF_CLOSED, leak.kind());
        assertEquals(BlameKind.END_OF_INPUT, leak.blame().kind());
        assertEquals("Orders.readToTheEnd", handler(leak));
        assertTrue(LeakSites.location(leak.stack()).contains("BlameTest."), "the half-close");
        assertTrue(LeakSites.location(leak.opening()).contains("BlameTest.next("));
    }

    @Test
    void aHalfCloseAfterTheEndOfInputIsTheLineToBlame() {
        ImaginarySocket socket = accept();
        orders.readToTheEnd(socket);
        world.pass(Duration.ofMillis(1));
        halfClose(socket);
        socket.peerCloses();
        Leak leak = leaks(1).get(0);

        assertEquals(BlameKind.HALF_CLOSE, leak.blame().kind());
        assertEquals(LeakSites.location(leak.stack()), leak.site().location());
        assertSame(leak.stack(), leak.blame().stack());
    }

    @Test
    void whatTheApplicationHasClosedIsNotBlamedOnARead() {
        ImaginarySocket socket = accept();
        orders.readToTheEnd(socket);
        socket.applicationClosesButKeepsDescriptor();
        Leak leak = leaks(1).get(0);

        assertEquals(LeakKind.CLOSED_NOT_RELEASED, leak.kind());
        assertEquals(BlameKind.NONE, leak.blame().kind());
        assertTrue(leak.blame().why().contains("has closed it"), leak.blame()::why);
        assertNotEquals("Orders.readToTheEnd", handler(leak));
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.socketreaper.detect.BlameTest$Orders", "*Orders"})
    void theClassThatIsBlamedCanBeExcluded(String pattern) {
        world = new World("track=all,timeout=10s,action=drain,exclude=stack:" + pattern);
        ImaginarySocket order = accept();
        orders.readToTheEnd(order);
        order.peerCloses();
        leaks(1);

        assertEquals(OutcomeName.EXCLUDED, world.sink.reports().get(0).outcome().name());
    }

    /** When its sample is too old to name a line for a new leak, it is still what was reported. */
    @Test
    void whatWasExcludedByItsLastReadStaysExcludedWhenNoUseIsSampledAnyMore() {
        String settings = "track=all,timeout=10s,probe=off,exclude=stack:*Orders,action=";
        world = new World(settings + "log");
        ImaginarySocket other = accept();
        other.peerCloses();
        leaks(1);
        ImaginarySocket excluded = accept();
        orders.read(excluded);
        excluded.peerCloses();
        leaks(2);
        assertEquals(OutcomeName.EXCLUDED, world.sink.reports().get(1).outcome().name());
        world.pass(Duration.ofMinutes(11));

        world.detector.settings(World.settings(settings + "close"));
        world.pass(Duration.ofMinutes(1));
        assertTrue(other.descriptorIsGone());
        assertFalse(excluded.condemned());
        assertFalse(excluded.descriptorIsGone());
    }

    @Test
    void usesWithoutAFrameOfTheApplicationAreNotSampledForEver() throws InterruptedException {
        for (int i = 1; i <= 4; i++) {
            ImaginarySocket socket = accept();
            SocketReaperHook.tellWithoutTheApplication(() -> world.reads(socket));
            socket.peerCloses();
            Leak leak = leaks(i).get(i - 1);
            assertEquals(BlameKind.NONE, leak.blame().kind());
            if (i > 1) {
                assertTrue(leak.blame().why().contains("no frame of the application"), leak.blame()::why);
            }
            world.events.released(socket);
            world.pass(Duration.ofMinutes(2));
            assertTrue(world.trafficWanted());
        }
        // Ten minutes after the first leak, and four after the last.
        world.pass(Duration.ofMinutes(2));
        assertFalse(world.trafficWanted());
    }

    private void halfClose(ImaginarySocket socket) {
        socket.shutsOutput();
        SocketReaperHook.tell(() -> world.events.halfClosed(socket));
    }

    private static Set<String> handlers(List<Leak> leaks) {
        return leaks.stream().map(BlameTest::handler).collect(Collectors.toSet());
    }

    private List<Leak> leaks(int count) {
        world.passUntil(() -> world.sink.reports().size() >= count, LONG);
        return world.sink.reports().stream().map(report -> report.leak()).toList();
    }
}
