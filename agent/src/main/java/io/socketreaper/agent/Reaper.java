package io.socketreaper.agent;

import io.socketreaper.config.Settings;
import io.socketreaper.release.CloserThreads;
import io.socketreaper.release.Release;
import io.socketreaper.report.Failures;
import io.socketreaper.report.LeakSites;
import io.socketreaper.report.LogSink;
import io.socketreaper.report.Sink;
import io.socketreaper.report.Sinks;
import io.socketreaper.socket.Clock;
import io.socketreaper.socket.NioStack;
import io.socketreaper.socket.ProcDescriptors;
import io.socketreaper.socket.SocketHandle;
import io.socketreaper.socket.SocketStack;
import io.socketreaper.watch.Watch;
import io.socketreaper.weave.NioWeaving;
import io.socketreaper.weave.SocketWeaving;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import org.slf4j.Logger;

/**
 * The reaper thread, and the assembly of the rooms it works in. It prepares each socket stack once the application uses
 * it, then does what is due and sleeps in between. With no suspect it does not wake at all.
 */
final class Reaper implements Runnable {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Clock clock = Clock.SYSTEM;
    private final ProcDescriptors descriptors;
    private final Failures failures;
    private final Sink sink;
    private final Release release;
    private final Watch watch;
    private final Thread thread;
    private final Events events;
    private final List<StackGuard> guards;

    private volatile boolean asleep;
    private boolean watching;

    Reaper(Settings settings, Logger log) {
        this.failures = new Failures(log);
        this.sink = new Sinks(List.of(new LogSink(log, settings.logIntervalMillis(), settings.stackDepth())), failures);
        this.descriptors = new ProcDescriptors(clock);
        this.release = new Release(settings, clock, descriptors,
                new CloserThreads(clock, new Daemons("socket-reaper-closer")), new LeakSites(), sink);
        this.thread = new Daemons("socket-reaper").newThread(this);
        var channels = new NioStack(descriptors);
        var sockets = new SocketStack(descriptors);
        this.watch = new Watch(clock, settings.timeoutMillis(), new Handles(channels, sockets), release, new WakeIfAsleep());
        this.events = new Events(watch, sockets, thread);
        var wake = new Wake();
        this.guards = List.of(new StackGuard(new NioWeaving(), channels, new NioSelfTest(events), wake, log),
                new StackGuard(new SocketWeaving(), sockets, new SocketSelfTest(events), wake, log));
    }

    ObjIntConsumer<Object> events() {
        return events;
    }

    List<StackGuard> guards() {
        return guards;
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        while (true) {
            long pause = SECOND;
            try {
                pause = Math.min(prepare(), watching ? work() : Long.MAX_VALUE);
            } catch (Throwable failure) {
                failures.happened("a round of the reaper thread", failure);
            }
            sleep(pause);
        }
    }

    /** Returns nanoseconds to sleep, {@link Long#MAX_VALUE} for no end. */
    private long prepare() throws Exception {
        long next = Long.MAX_VALUE;
        for (StackGuard guard : guards) {
            boolean before = guard.isWatched();
            next = Math.min(next, guard.prepare());
            if (guard.isWatched() && !before) {
                events.nameEarlyFronts();
            }
            if (guard.isWatched() && !watching) {
                watching = true;
                // Learns the limit of descriptors while it can still be read.
                descriptors.census();
            }
        }
        return next;
    }

    /** Returns the same. */
    private long work() {
        long now = clock.nanoTime();
        long next = Math.min(fromNow(watch.tick(), Watch.NOTHING_TO_DO), fromNow(release.tick(), Release.NOTHING_TO_DO));
        return sink.tick(now) ? Math.min(next, SECOND) : next;
    }

    private long fromNow(long time, long never) {
        return time == never ? Long.MAX_VALUE : Math.max(0, time - clock.nanoTime());
    }

    private void sleep(long nanos) {
        if (nanos == 0) {
            return;
        }
        if (nanos < Long.MAX_VALUE) {
            LockSupport.parkNanos(this, nanos);
        } else {
            asleep = true;
            // An event between the round and this line has seen asleep == false and woken nobody.
            if (!watching || !watch.hasArrivals()) {
                LockSupport.park(this);
            }
            asleep = false;
        }
        // Programs that interrupt every thread they find would otherwise keep park from parking.
        Thread.interrupted();
    }

    // Named classes instead of lambdas: the first lambda of a JVM costs some ten milliseconds of its start.

    private final class Wake implements Runnable {
        @Override
        public void run() {
            LockSupport.unpark(thread);
        }
    }

    private final class WakeIfAsleep implements Runnable {
        @Override
        public void run() {
            if (asleep) {
                LockSupport.unpark(thread);
            }
        }
    }

    private static final class Handles implements Function<Object, SocketHandle> {
        private final NioStack channels;
        private final SocketStack sockets;

        Handles(NioStack channels, SocketStack sockets) {
            this.channels = channels;
            this.sockets = sockets;
        }

        @Override
        public SocketHandle apply(Object socket) {
            SocketHandle handle = channels.handle(socket);
            return handle != null ? handle : sockets.handle(socket);
        }
    }

    /** Daemon threads in the root group that inherit nothing from whoever causes them. */
    private static final class Daemons implements ThreadFactory {
        private final String name;

        Daemons(String name) {
            this.name = name;
        }

        @Override
        public Thread newThread(Runnable task) {
            ThreadGroup group = Thread.currentThread().getThreadGroup();
            while (group.getParent() != null) {
                group = group.getParent();
            }
            var thread = new Thread(group, task, name, 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
        }
    }
}
