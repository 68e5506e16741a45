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
import io.socketreaper.watch.Watch;
import io.socketreaper.weave.StackWeaving;
import io.socketreaper.weave.Weaver;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * The reaper thread. It sleeps until the application has initialised the JDK's socket classes, then looks the JDK's
 * internals up and tests the hook, and from then on does what is due, sleeping in between. With no suspect it does not
 * wake at all.
 */
final class Reaper implements Runnable, Weaver.Listener {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** How often it is looked whether a loaded stack has been initialised by the application. */
    private static final long INITIALISED_POLL = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long SELF_TEST_AGAIN = TimeUnit.SECONDS.toNanos(10);

    private enum State { WAITING, WATCHING, OFF }

    private final Clock clock = Clock.SYSTEM;
    private final Settings settings;
    private final NioStack stack;
    private final Logger log;
    private final Failures failures;
    private final Sink sink;
    private final Release release;
    private final Watch watch;
    private final Thread thread;
    private final Events events;

    private volatile boolean stackLoaded;
    private volatile Throwable refusal;
    private volatile boolean asleep;
    private State state = State.WAITING;

    Reaper(Settings settings, NioStack stack, Logger log) {
        this.settings = settings;
        this.stack = stack;
        this.log = log;
        this.failures = new Failures(log);
        this.sink = new Sinks(List.of(new LogSink(log, settings.logIntervalMillis(), settings.stackDepth())), failures);
        this.release = new Release(settings, clock, new ProcDescriptors(clock),
                new CloserThreads(clock, new Daemons("socket-reaper-closer")), new LeakSites(), sink);
        this.thread = new Daemons("socket-reaper").newThread(this);
        this.watch = new Watch(clock, settings.timeoutMillis(), new Handles(stack), release, new WakeUp());
        this.events = new Events(watch, thread);
    }

    ObjIntConsumer<Object> events() {
        return events;
    }

    void start() {
        thread.start();
    }

    // -- Called on any thread that loads a class

    @Override
    public void woven(StackWeaving weaving, String internalName) {
        if (internalName.equals(weaving.mainClass())) {
            stackLoaded = true;
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void refused(StackWeaving weaving, Throwable why) {
        refusal = why;
        LockSupport.unpark(thread);
    }

    // -- The reaper thread

    @Override
    public void run() {
        while (state != State.OFF) {
            long pause = SECOND;
            try {
                pause = refusal != null ? turnOff(refusal) : state == State.WAITING ? prepare() : work();
            } catch (Throwable failure) {
                failures.happened("a round of the reaper thread", failure);
            }
            sleep(pause);
        }
    }

    /** Returns nanoseconds to sleep, negative for no end. */
    private long work() {
        long now = clock.nanoTime();
        long next = Math.min(fromNow(watch.tick(), Watch.NOTHING_TO_DO), fromNow(release.tick(), Release.NOTHING_TO_DO));
        if (sink.tick(now)) {
            next = Math.min(next, SECOND);
        }
        return next == Long.MAX_VALUE ? -1 : next;
    }

    private long fromNow(long time, long never) {
        return time == never ? Long.MAX_VALUE : Math.max(0, time - clock.nanoTime());
    }

    private long prepare() throws Exception {
        if (!stackLoaded) {
            return -1;
        }
        if (!stack.isInitialised()) {
            return INITIALISED_POLL;
        }
        try {
            stack.resolve();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError unknownInternals) {
            return turnOff(unknownInternals);
        }
        SelfTest.Result result = new SelfTest(stack.provider(), events).run();
        if (result.dead()) {
            return turnOff(new IllegalStateException("the self-test half-closed a socket and " + result.text()));
        }
        if (!result.passed()) {
            if (events.listening()) {
                events.listening(false);
                watch.forgetAll();
                log.warn("the self-test could not run ({}); nothing is watched until it has passed, it is tried every {} s",
                        result.text(), TimeUnit.NANOSECONDS.toSeconds(SELF_TEST_AGAIN));
            }
            return SELF_TEST_AGAIN;
        }
        events.listening(true);
        state = State.WATCHING;
        log.info("self-test passed: half-closed sockets of {} are watched, action={} after {} ms", "SocketChannel",
                settings.action().name().toLowerCase(Locale.ROOT), settings.timeoutMillis());
        return 0;
    }

    private long turnOff(Throwable why) {
        state = State.OFF;
        SocketReaperHook.delegate(null);
        log.error("stack nio is switched off: this JDK ({}) is not built the way Socket Reaper knows: {}. No socket is watched; "
                + "the application runs on untouched.", System.getProperty("java.runtime.version"), why.toString());
        return 0;
    }

    private void sleep(long nanos) {
        if (nanos == 0) {
            return;
        }
        if (nanos > 0) {
            LockSupport.parkNanos(this, nanos);
        } else {
            asleep = true;
            // An event between the round and this line has seen asleep == false and woken nobody.
            if (!watch.hasArrivals() || state == State.WAITING) {
                LockSupport.park(this);
            }
            asleep = false;
        }
        // Programs that interrupt every thread they find would otherwise keep park from parking.
        Thread.interrupted();
    }

    /** Named classes instead of lambdas: the first lambda of a JVM costs some ten milliseconds of its start. */
    private final class WakeUp implements Runnable {
        @Override
        public void run() {
            if (asleep) {
                LockSupport.unpark(thread);
            }
        }
    }

    private static final class Handles implements Function<Object, SocketHandle> {
        private final NioStack stack;

        Handles(NioStack stack) {
            this.stack = stack;
        }

        @Override
        public SocketHandle apply(Object socket) {
            return stack.handle(socket);
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
