package io.socketreaper.stack;

import io.socketreaper.descriptor.DescriptorHeadroom;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Prepares one socket stack: waits until the application has initialised it, looks the JDK's internals up, tests the hook, and
 * only then lets its sockets be watched. A stack with unknown internals is switched off with one line in the log.
 */
public final class StackGuard implements Weaver.Listener, SocketStack.UnknownListener {
    /** The interval at which the guard checks whether the application has initialised a loaded stack. */
    private static final long INITIALISED_POLL = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SELF_TEST_AGAIN = TimeUnit.SECONDS.toNanos(10);
    /** {@link #prepare} returns it when there is no further step until {@link #woven} or {@link #refused} is called. */
    static final long NOTHING_TO_DO = Long.MAX_VALUE;

    private static final String ALL_SOCKETS = "all sockets";

    private enum State {
        WAITING,
        WATCHED,
        OFF
    }

    private volatile StackWeaving weaving;
    private final SocketStack stack;
    private @Nullable HookProbe selfTest;
    private final String selfTestName;
    /** Which sockets of the stack are watched, for the log; null if none are. */
    private @Nullable String watched;

    private final Runnable wake;
    private final DescriptorHeadroom headroom;
    private final Logger log;

    private volatile boolean loaded;
    private volatile @Nullable Throwable refusal;
    /** Why classes were not woven without which the stack is still watched. */
    private final Queue<Lacking> lacking = new ConcurrentLinkedQueue<>();
    /** Of these: what was said already that the agent may not notice. */
    private final Set<String> saidLacking = new HashSet<>();

    private record Lacking(String unnoticed, Throwable why) {}

    private State state = State.WAITING;
    /** Whether it is woven anew for all sockets and that is not tested yet. */
    private boolean testsAll;
    /** From {@link #watchAll} to {@link #wovenAnew}: its classes and its self-test do not belong together. */
    private boolean waitsForWeaving;
    /** A class was not woven: its self-test would not hear of it. */
    private volatile boolean missed;

    private boolean tested;
    private long testedAt;
    private String whyOff = "";

    /**
     * @param all      whether {@code track=all}
     * @param trace    what the hook tells of the sockets of self-tests
     * @param wake     wakes the reaper thread; called on any thread that loads a class
     * @param headroom whether descriptors are free for looking things up and testing
     */
    public StackGuard(
            SocketStack stack, boolean all, HookTrace trace, Runnable wake, DescriptorHeadroom headroom, Logger log) {
        this(stack, all, stack.hookProbe(trace, all), wake, headroom, log);
    }

    /** @param selfTest null for a stack that is not tested */
    public StackGuard(
            SocketStack stack,
            boolean all,
            @Nullable HookProbe selfTest,
            Runnable wake,
            DescriptorHeadroom headroom,
            Logger log) {
        this.weaving = stack.weaving(all);
        this.stack = stack;
        this.watched = !stack.isWatched(all) ? null : all ? ALL_SOCKETS : "half-closed sockets";
        this.selfTestName = "the self-test of " + stack.name();
        this.selfTest = selfTest;
        this.wake = wake;
        this.headroom = headroom;
        this.log = log;
        stack.whenUnknown(this);
    }

    public StackWeaving weaving() {
        return weaving;
    }

    public SocketStack stack() {
        return stack;
    }

    // -- Called on any thread that loads a class

    @Override
    public void woven(WovenClass woven) {
        if (woven.isSignOfUse()) {
            loaded = true;
            wake.run();
        }
    }

    @Override
    public void refused(Throwable why) {
        refusal = why;
        wake.run();
    }

    @Override
    public void lacking(String missed, Throwable why) {
        lacking.add(new Lacking(missed, why));
        wake.run();
    }

    @Override
    public void missed() {
        missed = true;
        wake.run();
    }

    /** Called on any thread that comes to a socket. */
    @Override
    public void unknown(Throwable why) {
        refused(why);
    }

    // -- The reaper thread

    public boolean isWatched() {
        return state == State.WATCHED;
    }

    /** Whether the application uses it and its self-test is still to come; until then no leak of it is found. */
    public boolean isPreparing() throws ReflectiveOperationException {
        return state == State.WAITING && loaded && stack.isInitialised();
    }

    /** From now on its weaving is that of {@code track=all}: its classes have to be woven anew, and then {@link #wovenAnew} be called. */
    public void watchAll(HookTrace trace) {
        watchAll(stack.hookProbe(trace, true));
    }

    /** @param probe null for a stack that is not tested */
    void watchAll(@Nullable HookProbe probe) {
        waitsForWeaving = true;
        weaving = stack.weaving(true);
        selfTest = probe;
        watched = stack.isWatched(true) ? ALL_SOCKETS : null;
    }

    /** The classes were woven anew: a stack that is watched is tested again. */
    public void wovenAnew() {
        waitsForWeaving = false;
        testsAll = state == State.WATCHED;
        tested = false;
    }

    /** Whether a class was not woven and should be woven now: not while all are {@linkplain #watchAll woven anew}. */
    public boolean hasMissed() {
        return missed && !waitsForWeaving && state != State.OFF;
    }

    /** The classes that are loaded are about to be woven anew. */
    public void weavesMissed() {
        missed = false;
    }

    /** {@code waiting}, {@code watched} or {@code off}. */
    public String stateName() {
        return switch (state) {
            case WAITING -> "waiting";
            case WATCHED -> "watched";
            case OFF -> "off";
        };
    }

    /** Why it is off, or what it waits for besides the application; empty otherwise. */
    public String why() {
        return state == State.WAITING && headroom.refuses(selfTestName)
                ? "fewer than " + DescriptorHeadroom.NEEDED + " descriptors are free"
                : whyOff;
    }

    /** Takes the next step of the preparation; returns nanoseconds until it should be asked again, or {@link #NOTHING_TO_DO}. */
    public long prepare() throws Exception {
        if (refusal != null && state != State.OFF) {
            turnOff(refusal);
        }
        sayLacking();
        if (isUnwoven()) {
            return INITIALISED_POLL;
        }
        if (testsAll && state == State.WATCHED) {
            return testAll();
        }
        if (state != State.WAITING || !loaded) {
            return NOTHING_TO_DO;
        }
        long pause = pauseBeforeTest();
        if (pause > 0) {
            return pause;
        }
        try {
            DescriptorHeadroom.initialiseWhatMayBreak();
        } catch (LinkageError broken) {
            return couldNotRun(broken);
        }
        return resolve() ? testAndWatch() : NOTHING_TO_DO;
    }

    /** Whether a test would hear of too little. */
    private boolean isUnwoven() {
        return waitsForWeaving || missed && state != State.OFF;
    }

    private void sayLacking() {
        for (Lacking next = lacking.poll(); next != null; next = lacking.poll()) {
            if (saidLacking.add(next.unnoticed())) {
                log.warn(
                        "{}: the agent may not notice {}, because the internals of {} are not those that Socket Reaper knows:"
                                + " {}",
                        stack.name(),
                        next.unnoticed(),
                        stack.home(),
                        next.why().getMessage());
            }
        }
    }

    /** Nanoseconds until the stack may be tested; 0 if it may be now. */
    private long pauseBeforeTest() throws ReflectiveOperationException {
        if (!stack.isInitialised()) {
            headroom.expect();
            return INITIALISED_POLL;
        }
        long sinceTest = System.nanoTime() - testedAt;
        if (tested && sinceTest < SELF_TEST_AGAIN) {
            return SELF_TEST_AGAIN - sinceTest;
        }
        return headroom.isThereFor(selfTestName) ? 0 : headroom.pause();
    }

    /** Looks the internals up; false if they are unknown, and the stack is off. */
    private boolean resolve() {
        try {
            stack.resolve();
            return true;
        } catch (SecurityException refused) {
            // by a security manager of the application's
            testedNow();
            throw refused;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError unknownInternals) {
            turnOff(unknownInternals);
            return false;
        }
    }

    private long testAndWatch() {
        HookProbe.Result result = test();
        if (result.dead()) {
            // On a busy machine an event may have come late, or on another thread than usual.
            result = test();
        }
        if (result.dead()) {
            turnOff(new IllegalStateException("the self-test " + did() + " and " + result.text()));
            return NOTHING_TO_DO;
        }
        if (!result.passed()) {
            return couldNotRun(result.text());
        }
        state = State.WATCHED;
        stack.proven();
        sayWatched(result);
        return NOTHING_TO_DO;
    }

    /** Tests a watched stack again, after it was woven for all sockets. */
    private long testAll() throws ReflectiveOperationException {
        long pause = pauseBeforeTest();
        if (pause > 0) {
            return pause;
        }
        HookProbe.Result result = test();
        if (result.dead()) {
            result = test();
        }
        if (!result.passed() && !result.dead()) {
            return SELF_TEST_AGAIN;
        }
        testsAll = false;
        if (result.dead()) {
            log.error(
                    "the self-test of {} for track=all half-closed a socket and {}: of its sockets only the half-closed ones are watched",
                    stack.name(),
                    result.text());
        } else {
            sayWatched(result);
        }
        return NOTHING_TO_DO;
    }

    private void sayWatched(HookProbe.Result result) {
        if (watched != null) {
            log.info(
                    "{}: {} of {} are watched",
                    result.text().isEmpty() ? "self-test passed" : result.text(),
                    watched,
                    stack.name());
        }
    }

    private String did() {
        return selfTest == null ? "" : selfTest.what();
    }

    private long couldNotRun(Object why) {
        testedNow();
        if (stack.isListening()) {
            stack.stopListening();
            if (JvmShutdown.hasBegun()) {
                return SELF_TEST_AGAIN;
            }
            log.warn(
                    "the self-test of {} could not run ({}); none is watched until it has passed; the agent tries again every {} s",
                    stack.name(),
                    why,
                    TimeUnit.NANOSECONDS.toSeconds(SELF_TEST_AGAIN));
        }
        return SELF_TEST_AGAIN;
    }

    private HookProbe.Result test() {
        try {
            return selfTest == null ? HookProbe.Result.NOT_TESTED : selfTest.run(stack);
        } catch (SecurityException refused) {
            throw refused;
        } catch (RuntimeException | Error outOfSomething) {
            // memory, or threads
            return HookProbe.Result.couldNotRun(outOfSomething);
        } finally {
            testedNow();
        }
    }

    private void testedNow() {
        tested = true;
        testedAt = System.nanoTime();
    }

    private void turnOff(Throwable why) {
        state = State.OFF;
        whyOff = why.toString();
        stack.stopListening();
        if (JvmShutdown.hasBegun()) {
            return;
        }
        log.error(
                "{} is switched off: the internals of {} are not those that Socket Reaper knows: {}. {};"
                        + " the application is not affected.",
                stack.name(),
                stack.home(),
                why.toString(),
                stack.consequenceOfOff());
    }
}
