package io.socketreaper.runtime;

import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.control.LeakJournal;
import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.Pressure;
import io.socketreaper.leak.AddressFormat;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.Clock;
import io.socketreaper.release.CloserThreads;
import io.socketreaper.release.Release;
import io.socketreaper.report.LogSink;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.DiscardBuffer;
import io.socketreaper.stack.HandleFactory;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketStack;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.async.AsyncStack;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.counted.Counted;
import io.socketreaper.stack.counted.CountedStack;
import io.socketreaper.stack.netty.NettyStack;
import io.socketreaper.stack.nio.NioStack;
import io.socketreaper.stack.nio.ServerSocketStack;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.DaemonThreads;
import io.socketreaper.thread.ReaperThread;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * The parts of the agent, wired together once at the start. A class that needs some of them takes them from here in its constructor.
 *
 * @param discovery null if no socket can have been opened before the agent was loaded
 */
record Assembly(
        Clock clock,
        InternalFailures failures,
        ProcDescriptors descriptors,
        DescriptorHeadroom headroom,
        LogSink log,
        LeakJournal journal,
        LeakSinks sinks,
        CloserThreads closers,
        Release release,
        Detector detector,
        Pressure pressure,
        Selections selections,
        Stacks handles,
        NioStack channels,
        @Nullable ChannelDiscovery discovery,
        HookEvents events,
        List<StackGuard> guards,
        ReaperLoop loop) {

    /** @param attached true if sockets may have been opened before the agent was loaded */
    static Assembly of(Settings settings, boolean attached, Logger log) {
        Clock clock = Clock.SYSTEM;
        var failures = new InternalFailures(log);
        var descriptors = new ProcDescriptors(clock);
        var headroom = new DescriptorHeadroom(descriptors, clock, log);
        var sites = new LeakSites();
        var logSink = new LogSink(
                log, settings.logIntervalMillis(), settings.stackDepth(), new AddressFormat(settings.masksAddresses()));
        var journal = new LeakJournal(sites);
        var sinks = new LeakSinks(List.of(logSink, journal), failures);
        var closers = new CloserThreads(clock, new DaemonThreads("socket-reaper-closer"));
        var discarded = new DiscardBuffer(clock);
        var release = new Release(settings, clock, descriptors, closers, sites, sinks, discarded);
        var loop = new ReaperLoop(clock, failures);
        logSink.lastLook(loop.lastLook());
        var host = new Host(loop, failures);
        var selections = new Selections(clock, attached ? host : null);
        var channels = new NioStack(descriptors, selections);
        var sockets = new ClassicSocketStack(descriptors);
        boolean all = settings.track() == Track.ALL;
        SocketStack[] stacks = withCounted(
                all,
                descriptors,
                channels,
                sockets,
                new AsyncStack(descriptors, new DaemonThreads("socket-reaper-self-test")),
                new ServerSocketStack(descriptors, selections),
                new NettyStack(descriptors));
        selections.whenWanted(new TellSelections(loop));
        selections.interests().whenWanted(new TellInterests(loop));
        var handles = new Stacks(stacks);
        var detector = new Detector(clock, settings, handles, release, host);
        var pressure = new Pressure(
                clock,
                settings,
                descriptors,
                detector,
                sites,
                sinks,
                new GarbageCollections(new DaemonThreads("socket-reaper-gc"), loop));
        var events =
                new HookEvents(detector.events(), sockets, selections, new Failures(pressure, loop), loop.thread());
        var guards = new CopyOnWriteArrayList<StackGuard>();
        for (SocketStack stack : stacks) {
            stack.discardInto(discarded);
            guards.add(new StackGuard(stack, all, events.probed(), loop.waker(), headroom, log));
        }
        return new Assembly(
                clock,
                failures,
                descriptors,
                headroom,
                logSink,
                journal,
                sinks,
                closers,
                release,
                detector,
                pressure,
                selections,
                handles,
                channels,
                attached ? new ChannelDiscovery(channels, selections, detector) : null,
                events,
                guards,
                loop);
    }

    /**
     * {@code track=all} holds from now on, also for what is only counted, which is added. No stack is tested before its guard is told that all
     * classes are {@linkplain StackGuard#wovenAnew woven anew}.
     */
    @ReaperThread
    void watchAll(Logger log) {
        if (!detector.watchesAll()) {
            addCounted(log);
            detector.watchAll();
        }
        // Last, so that the added guards wait, too: a class counts as woven a moment before its new code is in use.
        for (StackGuard guard : guards) {
            guard.watchAll(events.probed());
        }
    }

    @ReaperThread
    private void addCounted(Logger log) {
        for (Counted counted : Counted.values()) {
            var stack = new CountedStack(counted, descriptors);
            handles.add(stack);
            guards.add(new StackGuard(stack, true, events.probed(), loop.waker(), headroom, log));
        }
    }

    /** With {@code track=all} adds what is only counted, last, because every opened socket asks one stack after the other. */
    private static SocketStack[] withCounted(boolean all, Descriptors descriptors, SocketStack... judged) {
        if (!all) {
            return judged;
        }
        Counted[] counted = Counted.values();
        SocketStack[] stacks = Arrays.copyOf(judged, judged.length + counted.length);
        for (int i = 0; i < counted.length; i++) {
            stacks[judged.length + i] = new CountedStack(counted[i], descriptors);
        }
        return stacks;
    }

    // Named classes instead of lambdas: the first lambda of a JVM costs some ten milliseconds of its start.

    private record TellSelections(ReaperLoop loop) implements Runnable {
        @Override
        public void run() {
            if (!loop.isEnding()) {
                SocketReaperHook.selections = true;
            }
        }
    }

    private record TellInterests(ReaperLoop loop) implements Consumer<Boolean> {
        @Override
        @ReaperThread
        public void accept(Boolean wanted) {
            if (!loop.isEnding()) {
                SocketReaperHook.handsBack = wanted;
            }
        }
    }

    private record Failures(Pressure pressure, ReaperLoop loop) implements FailureListener {
        @Override
        @ApplicationThread
        public void openFailed() {
            if (pressure.failed()) {
                loop.wake();
            }
        }
    }

    private record Host(ReaperLoop loop, InternalFailures failures) implements Detector.Host, Runnable {
        @Override
        @ApplicationThread
        public void arrived() {
            loop.wakeIfAsleep();
        }

        /** A selector was met. */
        @Override
        @ApplicationThread
        public void run() {
            loop.wakeIfAsleep();
        }

        @Override
        @ApplicationThread
        public void crowded() {
            loop.wake();
        }

        @Override
        @ReaperThread
        public void wantTraffic(boolean wanted) {
            if (!loop.isEnding() && SocketReaperHook.traffic != wanted) {
                SocketReaperHook.traffic = wanted;
            }
        }

        @Override
        @ReaperThread
        public void failed(Throwable why) {
            failures.happened("a look at a socket failed and will be repeated", why);
        }

        @Override
        @ReaperThread
        public void dropped(String what) {
            failures.dropped(what);
        }
    }

    /** Asks the stacks one after the other, because a socket belongs to one of them. */
    static final class Stacks implements HandleFactory {
        private volatile SocketStack[] all;

        private Stacks(SocketStack... all) {
            this.all = all;
        }

        @ReaperThread
        private void add(SocketStack stack) {
            SocketStack[] more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = stack;
            all = more;
        }

        @Override
        public int number(Object socket) {
            for (SocketStack stack : all) {
                int number = stack.number(socket);
                if (number >= 0) {
                    return number;
                }
            }
            return -1;
        }

        @Override
        public @Nullable SocketHandle handle(Object socket) {
            for (SocketStack stack : all) {
                SocketHandle handle = stack.handle(socket);
                if (handle != null) {
                    return handle;
                }
            }
            return null;
        }
    }
}
