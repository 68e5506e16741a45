package io.socketreaper.runtime;

import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.LeakJournal;
import io.socketreaper.control.NotAnsweredException;
import io.socketreaper.descriptor.DescriptorHeadroom;
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
import io.socketreaper.stack.netty.NettyStack;
import io.socketreaper.stack.nio.NioStack;
import io.socketreaper.stack.nio.ServerSocketStack;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.ObjIntConsumer;
import org.slf4j.Logger;
import sun.nio.ch.SocketReaperHook;

/**
 * The reaper thread, and the assembly of the rooms it works in. It prepares each socket stack once the application uses
 * it, then does what is due and sleeps in between. With no suspect it does not wake at all.
 */
public final class Reaper implements Runnable {
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int PATIENCE_SECONDS = 10;
    private static final int ENDING_MILLIS = 1000;
    /** How long a close has, after the time for drains is over, before nobody looks any more whether it has freed anything. */
    private static final int CLOSING_SECONDS = 3;
    /** How the names of all threads of the agent's begin. */
    private static final String OURS = "socket-reaper";
    /** Those listen on behalf of the program, and stay as long as its listeners. */
    private static final String LISTENERS = "socket-reaper-listeners";
    /** Writes the log, to the last line of a detach. */
    static final String LOG = "socket-reaper-log";

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Step[] STEPS = Step.values();

    /**
     * What is done in every round, in this order. Each stands alone: one that fails again and again must not keep the later ones
     * from being done, least of all the releases and the answers.
     */
    private enum Step {
        ARRIVALS("a first look at new sockets", false),
        DISCOVERY("the search for sockets that were there before", true),
        PRESSURE("a look at how many descriptors are open", true),
        WATCH("a look at the suspects", true),
        RELEASE("a step of the releases", true),
        SAMPLE("a sample of the figures", true),
        SUMMARY("a summary", true),
        CHORE("what JMX and JFR need", false),
        ANSWERS("an answer", false);

        private final String what;
        private final boolean ofWatched;

        /** @param ofWatched whether there is nothing to do before the first socket is watched */
        Step(String what, boolean ofWatched) {
            this.what = what;
            this.ofWatched = ofWatched;
        }
    }

    private final Clock clock = Clock.SYSTEM;
    private final ProcDescriptors descriptors;
    private final DescriptorHeadroom headroom;
    private final InternalFailures failures;
    private final LogSink log;
    private final LeakJournal ledger;
    private final LeakSinks sinks;
    private final CloserThreads closers;
    private final Release release;
    private final Detector watch;
    private final Pressure pressure;
    private final Selections selections;
    private final NioStack channels;
    /** Null if no socket can have been opened before the agent came. */
    private final ChannelDiscovery discovery;

    private final Thread thread;
    private final HookEvents events;
    private final List<StackGuard> guards;

    private final Queue<FutureTask<?>> questions = new ConcurrentLinkedQueue<>();
    private volatile long patienceMillis = TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS);
    private volatile boolean asleep;
    /** Set before anything else of an end, for a thread that is held up and may come back when another agent is there. */
    private volatile boolean ending;

    private volatile boolean ended;
    /** Sockets that are on their way out after the last round. */
    private volatile int unfinished;

    private boolean watching;
    private boolean sampling;
    /** Null if there is none. */
    private LongSupplier chore;
    /** Not null from the moment that it is to end. */
    private CountDownLatch whenEnded;

    private long endBy;

    /** @param attached true if sockets may have been opened before the agent came */
    Reaper(Settings settings, boolean attached, Logger log) {
        this.failures = new InternalFailures(log);
        this.descriptors = new ProcDescriptors(clock);
        this.headroom = new DescriptorHeadroom(descriptors, clock, log);
        var sites = new LeakSites();
        this.log = new LogSink(
                log, settings.logIntervalMillis(), settings.stackDepth(), new AddressFormat(settings.masksAddresses()));
        this.ledger = new LeakJournal(sites);
        this.sinks = new LeakSinks(List.of(this.log, ledger), failures);
        this.closers = new CloserThreads(clock, new Daemons("socket-reaper-closer"));
        var discarded = new DiscardBuffer(clock);
        this.release = new Release(settings, clock, descriptors, closers, sites, sinks, discarded);
        this.thread = new Daemons("socket-reaper").newThread(this);
        var host = new Host();
        this.selections = new Selections(clock, attached ? host : null);
        this.channels = new NioStack(descriptors, selections);
        var sockets = new ClassicSocketStack(descriptors);
        SocketStack[] stacks = {
            channels,
            sockets,
            new AsyncStack(descriptors, new Daemons("socket-reaper-self-test")),
            new ServerSocketStack(descriptors, selections),
            new NettyStack(descriptors),
        };
        selections.whenWanted(new TellSelections());
        boolean all = settings.track() == Track.ALL;
        this.watch = new Detector(clock, settings, new Stacks(stacks), release, host);
        this.discovery = attached ? new ChannelDiscovery(selections, watch) : null;
        var wake = new Wake();
        this.pressure = new Pressure(
                clock,
                settings,
                descriptors,
                watch,
                sites,
                sinks,
                new GarbageCollections(new Daemons("socket-reaper-gc"), wake));
        this.events = new HookEvents(watch.events(), sockets, selections, new Failed(), thread);
        this.guards = new ArrayList<>();
        for (SocketStack stack : stacks) {
            stack.discardInto(discarded);
            guards.add(new StackGuard(stack, all, events.probed(), wake, headroom, log));
        }
    }

    /** Sockets that threads of that class use are the agent's own. */
    void own(Class<?> threads) {
        events.own(threads);
    }

    /** Whether the application has used a socket by now. */
    @ReaperThread
    boolean isWatching() {
        return watching;
    }

    ObjIntConsumer<Object> events() {
        return events;
    }

    List<StackGuard> guards() {
        return guards;
    }

    /** What else is to be done in every round; returns nanoseconds to sleep, {@link Long#MAX_VALUE} for no end. Before the start. */
    void inEveryRound(LongSupplier added) {
        chore = added;
    }

    /** Makes it begin another round. */
    @AnyThread
    void wake() {
        LockSupport.unpark(thread);
    }

    /** Makes daemon threads in the root group that inherit nothing from whoever causes them. */
    public static ThreadFactory daemons(String name) {
        return new Daemons(name);
    }

    void start() {
        release.prepareSendQueues();
        thread.start();
    }

    @Override
    public void run() {
        try {
            while (!ended) {
                long pause = SECOND;
                try {
                    pause = round();
                } catch (Throwable failure) {
                    failures.happened("a round of the reaper thread", failure);
                }
                if (!ended) {
                    sleep(whenEnded == null ? pause : Math.min(pause, SOON));
                }
            }
            // After a detach that had to go on without an answer: what is condemned must not stay open.
            release.endDrainsAt(clock.nanoTime());
            release.tick();
            release.abandon();
            unfinished = release.releasing();
        } finally {
            if (!ending) {
                // With nobody to take them out, events would pile up for ever.
                SocketReaperHook.delegate(null);
            }
        }
    }

    /** Returns nanoseconds to sleep, {@link Long#MAX_VALUE} for no end. */
    @ReaperThread
    private long round() {
        long pause = Long.MAX_VALUE;
        for (StackGuard guard : guards) {
            pause = Math.min(pause, prepare(guard));
        }
        for (Step step : STEPS) {
            if (watching || !step.ofWatched) {
                pause = Math.min(pause, take(step));
            }
        }
        return pause;
    }

    @ReaperThread
    private long take(Step step) {
        try {
            return switch (step) {
                case ARRIVALS -> meetArrivals();
                case DISCOVERY -> discover();
                case PRESSURE -> fromNow(pressure.tick(), Pressure.NOTHING_TO_DO);
                case WATCH -> fromNow(watch.tick(), Detector.NOTHING_TO_DO);
                case RELEASE -> fromNow(release.tick(), Release.NOTHING_TO_DO);
                case SAMPLE -> sample();
                case SUMMARY -> sinks.tick(clock.nanoTime()) ? SECOND : Long.MAX_VALUE;
                case CHORE -> chore == null ? Long.MAX_VALUE : chore.getAsLong();
                case ANSWERS -> answer();
            };
        } catch (RuntimeException | Error failure) {
            failures.happened(step.what, failure);
            return SECOND;
        }
    }

    // -- What is asked of the reaper thread

    /**
     * Lets the reaper thread answer a question at the end of its round.
     *
     * @throws ControlException if it does not within {@value #PATIENCE_SECONDS} s, or if the answer is one
     */
    @AnyThread
    <T> T ask(Question<T> question) {
        var task = new FutureTask<>(question);
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            questions.add(task);
            LockSupport.unpark(thread);
        }
        try {
            return task.get(patienceMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ControlException refused) {
                throw refused;
            }
            failures.happened("a request from outside", failed.getCause());
            throw new ControlException("the agent failed to answer: " + failed.getCause());
        } catch (TimeoutException | InterruptedException late) {
            task.cancel(false);
            // A thread that is held up for long must not be left a pile of questions that nobody waits for.
            questions.remove(task);
            if (late instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new NotAnsweredException(
                    ended
                            ? "the agent has been detached"
                            : "the agent's thread did not answer within " + PATIENCE_SECONDS
                                    + " s; it is busy or the JVM is stopped");
        }
    }

    /** How long {@link #ask} waits for an answer; for tests. */
    void patience(long millis) {
        patienceMillis = millis;
    }

    @ReaperThread
    private long answer() {
        for (FutureTask<?> question = questions.poll(); question != null; question = questions.poll()) {
            question.run();
        }
        if (whenEnded != null && (!release.isReleasing() || clock.nanoTime() - endBy > 0)) {
            release.abandon();
            ended = true;
        }
        unfinished = release.releasing();
        if (ended && whenEnded != null) {
            whenEnded.countDown();
        }
        return Long.MAX_VALUE;
    }

    /**
     * Ends the reaper thread once what is being released has come to its end. What is still being drained when the time is over is
     * closed. Any other thread.
     *
     * @param failures what has not ended is added to them
     */
    void end(long seconds, List<String> failures) throws InterruptedException {
        var over = new CountDownLatch(1);
        ending = true;
        watch.end();
        try {
            ask(() -> {
                long now = clock.nanoTime();
                release.endDrainsAt(now + TimeUnit.SECONDS.toNanos(seconds));
                endBy = now + TimeUnit.SECONDS.toNanos(seconds + CLOSING_SECONDS);
                whenEnded = over;
                return null;
            });
            over.await(seconds + CLOSING_SECONDS + PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            // in any case, if it does not hear us now then later
            ended = true;
            wake();
            thread.join(ENDING_MILLIS);
            closers.end(ENDING_MILLIS);
        }
        if (unfinished > 0) {
            failures.add(unfinished
                    + " sockets that were being released are not free yet, and nobody looks after them any more");
        }
    }

    /** The names of the agent's threads that run, after they have had some time to end; without this one and the log's. */
    @AnyThread
    static List<String> living(long millis) throws InterruptedException {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            var threads = new Thread[2 * root.activeCount() + 1];
            var names = new ArrayList<String>();
            for (int i = root.enumerate(threads) - 1; i >= 0; i--) {
                String name = threads[i].getName();
                if (name.startsWith(OURS)
                        && !name.equals(LISTENERS)
                        && !name.equals(LOG)
                        && threads[i] != Thread.currentThread()) {
                    names.add(name);
                }
            }
            if (names.isEmpty() || System.nanoTime() - end > 0) {
                return names;
            }
            TimeUnit.NANOSECONDS.sleep(SOON);
        }
    }

    Thread thread() {
        return thread;
    }

    Detector watch() {
        return watch;
    }

    Release release() {
        return release;
    }

    Pressure pressure() {
        return pressure;
    }

    LeakJournal ledger() {
        return ledger;
    }

    LogSink log() {
        return log;
    }

    LeakSinks sinks() {
        return sinks;
    }

    InternalFailures failures() {
        return failures;
    }

    ProcDescriptors descriptors() {
        return descriptors;
    }

    DescriptorHeadroom headroom() {
        return headroom;
    }

    /** Returns nanoseconds to sleep, {@link Long#MAX_VALUE} for no end. */
    @ReaperThread
    private long prepare(StackGuard guard) {
        try {
            boolean before = guard.isWatched();
            if (!watching && guard.isPreparing()) {
                // What has run out of descriptors by the end of the self-test cannot read it any more.
                descriptors.limit();
            }
            long next = guard.prepare();
            if (guard.isWatched() && !before) {
                events.nameEarlyFronts();
            }
            if (guard.isWatched() && !watching) {
                watching = true;
                descriptors.prepare(guard.stack().kernel());
                release.prepare();
            }
            return next;
        } catch (Exception | Error failure) {
            failures.happened("the preparation of a socket stack", failure);
            return SECOND;
        }
    }

    /**
     * The limit of descriptors was raised until the next question is answered: what waits for some has them now. Returns
     * when it is done.
     */
    @AnyThread
    void useRoom(long raised, long real) {
        descriptors.room(raised, real);
        ask(new UseRoom());
    }

    private final class UseRoom implements Question<Void> {
        @Override
        @ReaperThread
        public Void call() {
            headroom.forget();
            for (StackGuard guard : guards) {
                prepare(guard);
            }
            // The command comes next, and the limit may be put back at any moment after it.
            descriptors.usedUp();
            return null;
        }
    }

    /** Returns the same. */
    @ReaperThread
    private long meetArrivals() {
        watch.identifyArrivals();
        return Long.MAX_VALUE;
    }

    /** Returns the same. */
    @ReaperThread
    private long discover() {
        selections.tick();
        if (discovery != null && channels.isProven()) {
            discovery.round();
        }
        return Long.MAX_VALUE;
    }

    @ReaperThread
    private long sample() {
        long now = clock.nanoTime();
        if (!sampling && !watch.hasSuspects()) {
            return Long.MAX_VALUE;
        }
        if (ledger.wantsSample(now)) {
            ledger.sample(now, descriptors.open(), descriptors.limit(), watch.suspects());
        }
        return sampling ? Math.max(0, ledger.nextSample() - now) : Long.MAX_VALUE;
    }

    /** Keeps a history of figures even while there is nothing to do. */
    @ReaperThread
    void keepSampling() {
        sampling = true;
    }

    private long fromNow(long time, long never) {
        return time == never ? Long.MAX_VALUE : Math.max(0, time - clock.nanoTime());
    }

    private void sleep(long nanos) {
        if (nanos == 0) {
            return;
        }
        // Who sleeps for less is back in time by himself: half-closes are many, and a wake-up costs the application's
        // thread.
        if (watching && nanos > watch.longestArrivalWait()) {
            asleep = true;
            // An event between the round and this line has seen asleep == false and woken nobody.
            if (!hasWork()) {
                park(nanos);
            }
            asleep = false;
        } else {
            park(nanos);
        }
        // Programs that interrupt every thread they find would otherwise keep park from parking.
        Thread.interrupted();
    }

    /** Whether something came since the last round began, of which the next one need not wait for its time. */
    private boolean hasWork() {
        return !questions.isEmpty() || watch.hasArrivals() || discovery != null && selections.hasMet();
    }

    private void park(long nanos) {
        if (nanos < Long.MAX_VALUE) {
            LockSupport.parkNanos(this, nanos);
        } else {
            LockSupport.park(this);
        }
    }

    // Named classes instead of lambdas: the first lambda of a JVM costs some ten milliseconds of its start.

    private final class Wake implements Runnable {
        @Override
        public void run() {
            LockSupport.unpark(thread);
        }
    }

    private final class TellSelections implements Runnable {
        @Override
        public void run() {
            if (!ending) {
                SocketReaperHook.selections = true;
            }
        }
    }

    private final class Failed implements Runnable {
        @Override
        public void run() {
            if (pressure.failed()) {
                LockSupport.unpark(thread);
            }
        }
    }

    private final class Host implements Detector.Host, Runnable {
        @Override
        public void arrived() {
            run();
        }

        /** A selector was met. */
        @Override
        public void run() {
            if (asleep) {
                LockSupport.unpark(thread);
            }
        }

        @Override
        public void crowded() {
            LockSupport.unpark(thread);
        }

        @Override
        public void wantTraffic(boolean wanted) {
            if (!ending && SocketReaperHook.traffic != wanted) {
                SocketReaperHook.traffic = wanted;
            }
        }

        @Override
        public void failed(Throwable why) {
            failures.happened("a look at a socket, which will be repeated", why);
        }

        @Override
        public void dropped(String what) {
            failures.dropped(what);
        }
    }

    /** In place of the application's handler, which may end the program for what is none of its own failures. */
    private static final class LastWords implements Thread.UncaughtExceptionHandler {
        @Override
        public void uncaughtException(Thread ended, Throwable failed) {
            System.err.println("[socket-reaper] the thread " + ended.getName() + " has ended: " + failed);
        }
    }

    private static final class Stacks implements HandleFactory {
        private final SocketStack[] stacks;

        Stacks(SocketStack... stacks) {
            this.stacks = stacks;
        }

        @Override
        public int number(Object socket) {
            for (SocketStack stack : stacks) {
                int number = stack.number(socket);
                if (number >= 0) {
                    return number;
                }
            }
            return -1;
        }

        @Override
        public SocketHandle handle(Object socket) {
            for (SocketStack stack : stacks) {
                SocketHandle handle = stack.handle(socket);
                if (handle != null) {
                    return handle;
                }
            }
            return null;
        }
    }

    /** Daemon threads in the root group that inherit nothing from whoever causes them. */
    static final class Daemons implements ThreadFactory {
        private static final Thread.UncaughtExceptionHandler NO_FOREIGN_HANDLER = new LastWords();

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
            thread.setUncaughtExceptionHandler(NO_FOREIGN_HANDLER);
            return thread;
        }
    }
}
