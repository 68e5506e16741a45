package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.config.SettingsReader;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.detect.Detector;
import io.socketreaper.imaginary.ImaginarySocket;
import io.socketreaper.imaginary.World;
import io.socketreaper.model.Clock;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.classic.ClassicSocketStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SocketReaperHook;

class HookEventsTest {
    /** The first connections of a program may be half-closed before the agent has looked the JDK's internals up. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSocketIsClosedAsAWholeHoweverEarlyItWasHalfClosed(boolean early) throws Exception {
        var stack = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
        var resolver = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
        resolver.resolve();
        resolver.proven();
        var made = new AtomicReference<SocketHandle>();
        var detector = new Detector(
                Clock.SYSTEM,
                SettingsReader.read(null, null, null).settings(),
                socket -> {
                    made.set(stack.handle(socket));
                    return made.get();
                },
                null,
                new NoReaperThread());
        var events = new HookEvents(detector.events(), stack, new Selections(Clock.SYSTEM, () -> {}), () -> {}, null);

        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var peer = new Socket(server.getInetAddress(), server.getLocalPort());
                var ours = server.accept()) {
            stack.resolve();
            if (!early) {
                stack.proven();
            }
            ours.shutdownOutput();
            events.accept(resolver.implementationOf(ours), SocketReaperHook.HALF_CLOSED);
            events.accept(ours, SocketReaperHook.HELD_THROUGH);
            // another stack is proven first
            events.nameEarlyFronts();
            stack.proven();
            events.nameEarlyFronts();

            made.get().snapshot();
            Claim claim = made.get().claim(any -> true);
            claim.close();
            assertEquals("java.net.Socket", claim.owner());
            assertEquals(true, ours.isClosed());
        }
    }

    /** TLS that ends above a socket of the application (FTP's CCC, StopTLS) leaves a plain connection that goes on. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndOfTlsIsTheSocketsOnlyIfTheTlsSocketOwnsIt(boolean owns) throws Exception {
        var stack = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
        stack.resolve();
        stack.proven();
        var detector = new Detector(
                Clock.SYSTEM,
                SettingsReader.read(null, null, null).settings(),
                stack::handle,
                null,
                new NoReaperThread());
        var events = new HookEvents(detector.events(), stack, new Selections(Clock.SYSTEM, () -> {}), () -> {}, null);

        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var peer = new Socket(server.getInetAddress(), server.getLocalPort());
                var ours = server.accept()) {
            Object implementation = stack.implementationOf(ours);
            Socket tls =
                    ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(ours, null, peer.getPort(), owns);
            ours.shutdownOutput();
            events.accept(implementation, SocketReaperHook.HALF_CLOSED);
            events.accept(tls, SocketReaperHook.HELD_THROUGH);
            events.accept(tls, SocketReaperHook.READ_ABOVE);
            events.accept(tls, SocketReaperHook.END_OF_INPUT_ABOVE);
            detector.tick();
            LeakCandidate suspect = detector.list().get(0).candidate();
            assertEquals(owns, suspect.millisSinceEndOfInput(System.nanoTime()) >= 0);

            events.accept(implementation, SocketReaperHook.READ);
            events.accept(implementation, SocketReaperHook.READ);
            assertEquals(owns ? 1 : 3, suspect.deliveries(), "reads of the plain socket are the application's again");
            events.accept(implementation, SocketReaperHook.END_OF_INPUT);
            assertTrue(suspect.millisSinceEndOfInput(System.nanoTime()) >= 0);
        }
    }

    /** With a {@code SocketImpl} of the application's own the JDK's is never used, so that its stack is never proven. */
    @Test
    void socketsOfAStackThatIsNeverProvenDoNotPileUp() throws Exception {
        var world = new World("timeout=10s");
        var events = new HookEvents(
                world.events,
                new ClassicSocketStack(world.descriptors),
                new Selections(world.clock, null),
                () -> {},
                null);
        for (int i = 0; i < 100_000; i++) {
            events.accept(new Object(), SocketReaperHook.HELD_THROUGH);
        }
        assertEquals(HookEvents.MOST_EARLY_FRONTS, events.earlyFronts());
    }

    @Test
    void everyEventOfAnApplicationsThreadGoesWhereItBelongs() {
        var world = new World("track=all,timeout=10s");
        var failures = new AtomicInteger();
        var selections = new Selections(world.clock, () -> {});
        var events = new HookEvents(
                world.events, new ClassicSocketStack(world.descriptors), selections, failures::incrementAndGet, null);
        ImaginarySocket socket = world.socket().established();
        ImaginarySocket other = world.socket().established();
        events.accept(socket, SocketReaperHook.OPENED);
        events.accept(other, SocketReaperHook.OPENED);
        assertEquals(Set.of(socket.inode(), other.inode()), world.detector.knownInodes());
        events.accept(other, SocketReaperHook.RELEASED);
        world.pass(Duration.ofSeconds(2));
        assertEquals(Set.of(socket.inode()), world.detector.knownInodes());

        socket.peerCloses();
        world.pass(Duration.ofMillis(600));
        for (int event : new int[] {
            SocketReaperHook.READ,
            SocketReaperHook.WROTE,
            SocketReaperHook.INTEREST_CHANGED,
            SocketReaperHook.READ_NOTHING,
            SocketReaperHook.POLLED_INPUT,
            SocketReaperHook.HALF_CLOSED
        }) {
            world.pass(Duration.ofSeconds(9));
            events.accept(socket, event);
        }
        world.pass(Duration.ofSeconds(9));
        assertEquals(List.of(), world.sink.reports(), "each begins the window anew");
        world.pass(Duration.ofSeconds(4));
        assertEquals(1, world.sink.reports().size());
        events.accept(socket, SocketReaperHook.CLOSED);
        world.round();
        assertEquals(1, world.sink.alive().size());

        assertFalse(selections.hasMet());
        events.accept(new Object(), SocketReaperHook.SELECTING);
        assertTrue(selections.hasMet());
        assertEquals(0, failures.get());
        events.accept(new IOException("Too many open files"), SocketReaperHook.FAILED);
        assertEquals(1, failures.get());
        events.accept(socket, 31);
        events.accept("not a socket", SocketReaperHook.OPENED);
        assertEquals(Set.of(socket.inode()), world.detector.knownInodes());
    }

    @Test
    void whatTheReaperThreadCausesIsForTheSelfTestAlone() {
        var world = new World("track=all,timeout=10s");
        var failures = new AtomicInteger();
        var selections = new Selections(world.clock, () -> {});
        var events = new HookEvents(
                world.events,
                new ClassicSocketStack(world.descriptors),
                selections,
                failures::incrementAndGet,
                Thread.currentThread());
        for (int event = SocketReaperHook.HALF_CLOSED; event <= SocketReaperHook.POLLED_INPUT_ABOVE; event++) {
            String missed = events.probed().result(event).text();
            assertTrue(missed.startsWith("the hook received no event for ") && missed.length() > 32, missed);
            assertTrue(events.probed().result(event).dead());
            events.accept(world.socket(), event);
            assertTrue(events.probed().result(event).passed());
        }

        assertEquals(0, world.wakeUps());
        assertEquals(Set.of(), world.detector.knownInodes());
        assertEquals(0, failures.get());
        assertFalse(selections.hasMet());
        events.probed().begin();
        assertEquals(
                "the hook received no event for open, release",
                events.probed()
                        .result(SocketReaperHook.OPENED, SocketReaperHook.RELEASED)
                        .text());
    }

    @Test
    void anEventThatAStackCanDoWithoutIsMissedInOneLineAndTurnsNothingOff() {
        var world = new World("track=all,timeout=10s");
        var events = new HookEvents(
                world.events,
                new ClassicSocketStack(world.descriptors),
                new Selections(world.clock, () -> {}),
                () -> {},
                Thread.currentThread());
        int[] needed = {SocketReaperHook.READ, SocketReaperHook.CLOSED};
        assertTrue(events.probed().result(needed, SocketReaperHook.END_OF_INPUT).dead());
        events.accept(world.socket(), SocketReaperHook.READ);
        events.accept(world.socket(), SocketReaperHook.CLOSED);

        HookProbe.Result lacking =
                events.probed().result(needed, SocketReaperHook.END_OF_INPUT, SocketReaperHook.POLLED_INPUT);
        assertTrue(lacking.passed() && !lacking.dead());
        assertTrue(
                lacking.text()
                        .matches("self-test passed, but .* the hook receives no event for the end of input, available"),
                lacking.text());
        events.accept(world.socket(), SocketReaperHook.END_OF_INPUT);
        assertEquals(
                "",
                events.probed().result(needed, SocketReaperHook.END_OF_INPUT).text());
    }

    private static final class NoReaperThread implements Detector.Host {
        @Override
        public void arrived() {
            // nobody to wake
        }

        @Override
        public void wantTraffic(boolean wanted) {
            // there is none
        }
    }
}
