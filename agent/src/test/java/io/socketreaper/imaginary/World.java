package io.socketreaper.imaginary;

import io.socketreaper.config.Effective;
import io.socketreaper.config.Settings;
import io.socketreaper.config.SettingsReader;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.SocketEvents;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.release.Release;
import io.socketreaper.stack.HandleFactory;
import io.socketreaper.stack.SocketHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.BooleanSupplier;

/** Detector and release as the reaper thread runs them, except that time passes when a test lets it. */
public final class World {
    private static final int MOST_TICKS_WITHOUT_TIME = 10_000;

    public final FakeClock clock = new FakeClock();
    public final ImaginaryDescriptors descriptors = new ImaginaryDescriptors(clock);
    public final HandClosers closers = new HandClosers();
    public final RecordingSink sink = new RecordingSink();
    public final ScarceMemory memory = new ScarceMemory(clock);
    public final LeakSites sites = new LeakSites();
    public final Settings settings;
    public final Release release;
    public final Detector detector;
    /** What the hook tells the detector. */
    public final SocketEvents events;

    private final List<Throwable> failures = new ArrayList<>();
    private int wakeUps;
    private int crowds;
    private boolean trafficWanted;
    private Runnable duringNextArrival;
    private int nextDescriptor = 5;
    private boolean numbersAreKnown = true;

    /** @param arguments as after {@code -javaagent:socket-reaper.jar=} */
    public World(String arguments) {
        // No peer is asked unless a test is about that.
        this.settings = settings(arguments.contains("probe=") ? arguments : "probe=off," + arguments);
        this.release = new Release(settings, clock, descriptors, closers, sites, sink, memory);
        this.detector = new Detector(clock, settings, new Stack(), release, new ReaperThread());
        this.events = detector.events();
    }

    private final class ReaperThread implements Detector.Host {
        @Override
        public void arrived() {
            wakeUps++;
        }

        @Override
        public void crowded() {
            crowds++;
        }

        @Override
        public void wantTraffic(boolean wanted) {
            trafficWanted = wanted;
        }

        @Override
        public void failed(Throwable why) {
            if (why instanceof IllegalStateException
                    && String.valueOf(why.getMessage()).contains("cannot become")) {
                throw new AssertionError("a transition between states that must not be", why);
            }
            failures.add(why);
        }
    }

    private final class Stack implements HandleFactory {
        @Override
        public SocketHandle handle(Object socket) {
            if (duringNextArrival != null) {
                Runnable once = duringNextArrival;
                duringNextArrival = null;
                once.run();
            }
            return socket instanceof SocketHandle handle ? handle : null;
        }

        @Override
        public int number(Object socket) {
            return numbersAreKnown && socket instanceof SocketHandle handle ? handle.descriptor() : -1;
        }
    }

    /** From now on sockets tell the numbers of their descriptors, or not. As those of a stack do once it is proven. */
    public World numbersAreKnown(boolean known) {
        numbersAreKnown = known;
        return this;
    }

    /** Another thread comes in between while a half-closed socket is becoming a suspect. */
    public void duringNextArrival(Runnable action) {
        duringNextArrival = action;
    }

    public static Settings settings(String arguments) {
        Effective effective = SettingsReader.read(arguments, new Properties(), Map.of());
        if (effective.observesOnly()) {
            throw new AssertionError(effective.problems());
        }
        return effective.settings();
    }

    /** A socket that is not half-closed yet. */
    public ImaginarySocket socket() {
        return new ImaginarySocket(descriptors, nextDescriptor++);
    }

    /** A socket that gets the number of a descriptor which another has lost. */
    public ImaginarySocket socketInPlaceOf(ImaginarySocket lost) {
        return new ImaginarySocket(descriptors, lost.descriptor()).established();
    }

    /** A socket that the application half-closes now. */
    public ImaginarySocket halfClosedSocket() {
        ImaginarySocket socket = socket();
        events.halfClosed(socket);
        return socket;
    }

    /** A socket that the application connects or accepts now. */
    public ImaginarySocket openedSocket() {
        ImaginarySocket socket = socket().established();
        events.opened(socket);
        return socket;
    }

    /** The application reads, and the hook tells of it if it was asked to. */
    public void reads(ImaginarySocket socket) {
        if (trafficWanted || socket.facts().outputShut()) {
            events.read(socket);
        }
    }

    /** The application writes, and the hook tells of it if it was asked to. */
    public void writes(ImaginarySocket socket) {
        if (trafficWanted) {
            events.wrote(socket);
        }
    }

    /** Whether the hook tells of reads and writes of sockets that are not half-closed. */
    public boolean trafficWanted() {
        return trafficWanted;
    }

    /** How often the reaper thread was told not to wait for its next tick. */
    public int crowds() {
        return crowds;
    }

    /** How often an event has woken the reaper thread. */
    public int wakeUps() {
        return wakeUps;
    }

    /** What went wrong with looks at sockets. */
    public List<Throwable> failures() {
        return failures;
    }

    /** One round of the reaper thread, now; returns when the next one is due. */
    public long round() {
        return Math.min(detector.tick(), release.tick());
    }

    /** Lets time pass, with a round of the reaper thread whenever one is due. */
    public void pass(Duration time) {
        passUntil(time, () -> false);
    }

    /** The same, but stops after the round that makes something true; fails if none does. */
    public void passUntil(BooleanSupplier something, Duration atMost) {
        if (!passUntil(atMost, something)) {
            throw new AssertionError("did not happen within " + atMost);
        }
    }

    private boolean passUntil(Duration time, BooleanSupplier something) {
        long end = clock.nanoTime() + time.toNanos();
        int ticksWithoutTime = 0;
        while (true) {
            long next = round();
            if (something.getAsBoolean()) {
                return true;
            }
            if (next > end) {
                clock.advanceTo(end);
                return false;
            }
            long now = clock.nanoTime();
            ticksWithoutTime = next > now ? 0 : ticksWithoutTime + 1;
            if (ticksWithoutTime > MOST_TICKS_WITHOUT_TIME) {
                throw new AssertionError("the reaper thread spins");
            }
            clock.advanceTo(Math.max(now, next));
        }
    }

    /** The whole JVM is stopped: time passes without a round. */
    public void stop(Duration time) {
        clock.advance(time);
    }
}
