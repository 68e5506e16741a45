package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.imaginary.World;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.OpenState;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Selectors, datagram sockets and the like, by the line that opened them, with a fake clock. */
class OpenCountedTest {
    private static final Duration SWEEP = Duration.ofMillis(500);
    private static final int MANY = 20_000;

    private final World world = new World("track=all,timeout=10s,growing.window=30s");
    private int nextDescriptor = 100;

    /** It is the object that the application holds and its own handle. */
    private static final class Imaginary implements SocketHandle {
        private final CountedState state;
        private final int descriptor;
        private boolean unreachable;
        private boolean gone;

        Imaginary(CountedState state, int descriptor) {
            this.state = state;
            this.descriptor = descriptor;
        }

        @Override
        public boolean is(@Nullable Object object) {
            return object == (unreachable ? null : this);
        }

        @Override
        public boolean isSame(SocketHandle other) {
            return other == this;
        }

        @Override
        public int identity() {
            return System.identityHashCode(this);
        }

        @Override
        public QuickCheck quickCheck() {
            return gone ? QuickCheck.GONE : QuickCheck.FINE;
        }

        @Override
        public OpenState openState() {
            return unreachable ? CountedState.UNREACHABLE : state;
        }

        @Override
        public int onlyCounted() {
            return state == CountedState.SELECTOR ? 2 : 1;
        }

        @Override
        public SocketSnapshot snapshot() {
            throw new AssertionError("it is never judged");
        }

        @Override
        public int descriptor() {
            return descriptor;
        }

        @Override
        public long inode() {
            return 0;
        }

        @Override
        public Endpoints endpoints() {
            return new Endpoints(null, null);
        }

        @Override
        public @Nullable Claim claim(Predicate<SocketSnapshot> leaked) {
            throw new AssertionError("it is never released");
        }
    }

    private Imaginary opened(CountedState state) {
        var object = new Imaginary(state, nextDescriptor);
        nextDescriptor += 2;
        world.events.opened(object);
        return object;
    }

    private OpenSite onlySite() {
        List<OpenSite> met = world.detector.openSites().all().stream()
                .filter(site -> site.open() > 0)
                .toList();
        assertEquals(1, met.size(), () -> met.size() + " sites");
        return met.get(0);
    }

    private Map<OpenState, Integer> states(@Nullable OpenState only) {
        OpenWalk.Tally tally = world.detector
                .openSites()
                .walk()
                .inState(only)
                .goOn(Long.MAX_VALUE)
                .get(onlySite());
        return tally == null ? Map.of() : tally.states();
    }

    @Test
    void theyAreCountedByStateUntilTheirCloseIsTold() {
        var opened = new ArrayList<Imaginary>();
        for (CountedState state :
                List.of(CountedState.SELECTOR, CountedState.DATAGRAM, CountedState.PIPE, CountedState.ASYNC_LISTENER)) {
            opened.add(opened(state));
        }
        opened.get(1).unreachable = true;
        world.pass(SWEEP);

        assertEquals(
                Map.of(
                        CountedState.SELECTOR,
                        1,
                        CountedState.UNREACHABLE,
                        1,
                        CountedState.PIPE,
                        1,
                        CountedState.ASYNC_LISTENER,
                        1),
                states(null));
        assertEquals(Map.of(CountedState.UNREACHABLE, 1), states(OpenState.named("UnReachable")));
        assertEquals(Map.of(), states(TcpState.ESTABLISHED));
        OpenSite site = onlySite();
        assertEquals(4, site.onlyCounted());
        assertEquals(5, site.descriptors(), "a selector has two");

        world.events.released(opened.get(0));
        world.pass(SWEEP);
        assertEquals(3, site.open());
        assertEquals(3, site.descriptors());
    }

    @Test
    void theyAreNoSuspectsHoweverLongTheyAreOpen() {
        Imaginary dropped = opened(CountedState.SELECTOR);
        opened(CountedState.DATAGRAM);
        dropped.unreachable = true;
        world.pass(Duration.ofMinutes(10));
        assertEquals(0, world.detector.suspects());
        assertEquals(List.of(), world.sink.outcomes());
        assertEquals(List.of(), world.failures());

        long now = world.clock.nanoTime();
        var inspection = new Inspection(0, now, 1, Set.of(LeakKind.UNREACHABLE.toString()), null);
        world.detector.inspect(inspection);
        assertEquals(0, inspection.open(), "a test is about sockets");
        assertEquals(List.of(), inspection.lost());
    }

    @Test
    void thoseThatPileUpAreFoundAndTheForecastCountsDescriptors() {
        for (int second = 0; second < 60; second++) {
            opened(CountedState.SELECTOR);
            world.pass(Duration.ofSeconds(1));
        }
        OpenSite site = onlySite();
        assertTrue(site.isGrowing());
        assertEquals(60, site.perMinute(), 6);
        assertEquals(2 * site.perMinute(), world.detector.openSites().descriptorsPerMinute(), 0.001);
        assertEquals(
                List.of(120),
                world.detector.openSites().mostOpen().stream()
                        .map(OpenCount::descriptors)
                        .toList());
        assertEquals(List.of(site), world.detector.openSites().takeChanged());
        assertEquals(List.of(), world.sink.outcomes(), "growth is only reported");
    }

    @Test
    void aPoolThatIsFullAndSomeThatComeAndGoAreNotFound() {
        for (int second = 0; second < 20; second++) {
            opened(CountedState.SELECTOR);
            world.pass(Duration.ofSeconds(1));
        }
        for (int second = 0; second < 120; second++) {
            Imaginary resolver = opened(CountedState.DATAGRAM);
            world.pass(Duration.ofSeconds(1));
            world.events.released(resolver);
        }
        assertFalse(onlySite().isGrowing());
        assertEquals(List.of(), world.detector.openSites().takeChanged());
    }

    /** The table has an entry for each open descriptor and no more, even if closes are never told. */
    @Test
    void aNumberThatIsUsedAgainTakesThePlaceOfTheOneBefore() {
        for (int i = 0; i < MANY; i++) {
            world.events.opened(new Imaginary(CountedState.SELECTOR, 7));
            if (i % 1000 == 0) {
                world.pass(SWEEP);
            }
        }
        world.pass(SWEEP);
        assertEquals(1, entries());
    }

    @Test
    void manyThatAreClosedLeaveNoEntryBehind() {
        for (int i = 0; i < MANY; i++) {
            world.events.released(opened(i % 2 == 0 ? CountedState.SELECTOR : CountedState.DATAGRAM));
        }
        Imaginary collected = opened(CountedState.DATAGRAM);
        collected.gone = true;
        world.pass(SWEEP);
        assertEquals(0, entries());
    }

    private int entries() {
        int open = 0;
        for (OpenSite site : world.detector.openSites().all()) {
            open += site.open();
        }
        return open;
    }

    @Test
    void everyStateIsFoundByItsWord() {
        for (OpenState state : OpenState.all()) {
            assertEquals(state, OpenState.named(state.toString()));
        }
        assertEquals(
                TcpState.values().length + CountedState.values().length,
                OpenState.all().size());
        assertEquals(CountedState.ASYNC_LISTENER, OpenState.named("Async Listener"));
        assertNull(OpenState.named("open"));
    }
}
