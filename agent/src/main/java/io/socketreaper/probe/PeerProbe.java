package io.socketreaper.probe;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Clock;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.stack.SocketHandle;
import java.io.IOException;

/**
 * Asks the kernel of one socket's peer, by keepalive probes, whether it still knows the connection. Driven on the reaper thread by
 * {@link PeerProbes}, or by {@link IdleProbes} for a connection that only is idle, which gives one step of a {@link KeepaliveProbe} after another to the thread that may touch the socket.
 */
public final class PeerProbe implements TcpOptions.Step, Comparable<PeerProbe> {
    private static final int ATTEMPTS = 5;
    /** How soon the owner's thread is expected to have done a step, and for how long, nanoseconds. */
    private static final long GLIMPSE = 50_000_000L;

    private static final long LATEST = 5_000_000_000L;

    /** Whether the owner's thread has a step to do. */
    private enum StepState {
        NONE,
        UNDER_WAY,
        DONE,
        FAILED
    }

    private final Clock clock;
    private final SocketHandle socket;
    private final long number;
    /** Belongs to the owner's thread while a step is under way, otherwise to the reaper thread. */
    private final KeepaliveProbe probe;

    // -- The fields below belong to the reaper thread.

    private PeerAnswer answer = PeerAnswer.UNKNOWN;
    /** When the next step is to be made. */
    private long dueAt;

    private int rounds;
    private int askings;
    /** How many askings there had been when an answer was last wanted anew. */
    private int askingsBefore;

    private int failures;
    private int unanswered;
    private boolean resetMeanwhile;
    /** Older answers are not wanted. */
    private long wantedSince;
    /** When the owner's thread was given its step. */
    private long givenAt;

    /** Written by the owner's thread from {@link StepState#UNDER_WAY} to another, by the reaper thread otherwise. */
    private volatile StepState stepState = StepState.NONE;

    private volatile boolean unwanted;
    /** Seconds, see {@link KeepaliveProbe#step}. */
    private volatile int idle = KeepaliveProbe.OUR_IDLE;

    PeerProbe(Clock clock, SocketHandle socket, long number, long dueAt) {
        this.clock = clock;
        this.socket = socket;
        this.number = number;
        this.dueAt = dueAt;
        this.wantedSince = dueAt;
        this.probe = new KeepaliveProbe(dueAt);
    }

    /** Makes it one about a connection that is no suspect: its peer is probed only if it was not heard for so many seconds, 2 at least. */
    PeerProbe aboutIdle(int seconds) {
        idle = seconds;
        return this;
    }

    SocketHandle socket() {
        return socket;
    }

    /** Probes in a row that the peer had not answered when the last asking ended. */
    int unanswered() {
        return unanswered;
    }

    /** The last answer; {@link PeerAnswer#PENDING} while the first one since it was wanted is awaited. */
    public PeerAnswer answer() {
        return answer == PeerAnswer.UNKNOWN && (rounds == 0 || isAsking() && askings - askingsBefore <= 1)
                ? PeerAnswer.PENDING
                : answer;
    }

    /** Whether the peer is being asked, or the connection was reset while it was. */
    public boolean isAskingOrWasReset() {
        return isAsking() || resetMeanwhile;
    }

    /** Whether the peer was asked at all. */
    boolean hasAsked() {
        return askings > 0;
    }

    /** How often its turn has come, including the times when it could not be probed. */
    int rounds() {
        return rounds;
    }

    /** True from the first probe until the options are put back. */
    public boolean isAsking() {
        return stepState != StepState.NONE || !probe.isResting();
    }

    long dueAt() {
        return dueAt;
    }

    /** To be called while it is in no ordered set. */
    void dueAt(long time) {
        dueAt = time;
    }

    boolean isUnwanted() {
        return unwanted;
    }

    /** Begins again without an answer, for a suspect; an asking that could not be ended yet ends first. */
    void beginAnew(long time) {
        unwanted = false;
        idle = KeepaliveProbe.OUR_IDLE;
        wantedSince = time;
        answer = PeerAnswer.UNKNOWN;
        rounds = 0;
        askingsBefore = askings;
        if (!isAsking()) {
            dueAt = time;
        }
    }

    /** Ends the asking and puts the application's options back. */
    void end() {
        synchronized (this) {
            // A step under way sees it, and puts the options back before it ends.
            unwanted = true;
        }
        collect();
        if (stepState == StepState.NONE && probe.end()) {
            step();
        }
    }

    /** Begins an asking, looks, or ends it; on this thread, or on that of the socket's owner. */
    void step() {
        long time = clock.nanoTime();
        if (stepState == StepState.UNDER_WAY) {
            if (time - givenAt > LATEST) {
                // The owner's thread does not come to it. Until it does, no other step can be made.
                answer = PeerAnswer.UNKNOWN;
                dueAt = time + KeepaliveProbe.APART;
            } else {
                dueAt = time + GLIMPSE;
            }
            return;
        }
        if (stepState == StepState.NONE) {
            rounds += probe.isResting() ? 1 : 0;
            givenAt = time;
            stepState = StepState.UNDER_WAY;
            TcpOptions.Done done = socket.options(this);
            if (done == TcpOptions.Done.LATER) {
                dueAt = time + GLIMPSE;
                return;
            }
            stepState = done == TcpOptions.Done.YES ? StepState.DONE : StepState.FAILED;
        }
        collect();
        dueAt = (probe.isAsking() ? probe.sentAt() : time) + KeepaliveProbe.APART;
    }

    /** True if its owner has not come to its step for long. */
    boolean isStuck() {
        return stepState == StepState.UNDER_WAY && clock.nanoTime() - givenAt > LATEST;
    }

    /** Takes the result of a step. */
    private void collect() {
        if (stepState == StepState.DONE) {
            failures = 0;
            answer = probe.answerSince(wantedSince);
            askings = probe.askings();
            resetMeanwhile = probe.wasResetMeanwhile();
            unanswered = probe.leftUnanswered();
            stepState = StepState.NONE;
        } else if (stepState == StepState.FAILED) {
            stepState = StepState.NONE;
            if (probe.isResting()) {
                probe.forgetAnswer();
                answer = PeerAnswer.UNKNOWN;
            } else if (++failures >= ATTEMPTS || socket.snapshot().isGone()) {
                // Closed by the application, and its options are gone with it.
                probe.rest();
                failures = 0;
            }
        }
    }

    @Override
    public void notDone() {
        stepState = StepState.FAILED;
    }

    @Override
    public void with(TcpOptions options) throws IOException {
        long now = clock.nanoTime();
        boolean late = now - givenAt > LATEST;
        if (!unwanted && !late || probe.end()) {
            probe.step(options, now, idle);
        }
        while (!finished()) {
            probe.putBack(options);
        }
    }

    /** False if the answer is not wanted any more and the options are still ours. */
    private synchronized boolean finished() {
        if (unwanted && !probe.isResting()) {
            return false;
        }
        stepState = StepState.DONE;
        return true;
    }

    /** By the time of the next step, then by arrival. */
    @Override
    public int compareTo(PeerProbe other) {
        return dueAt != other.dueAt ? Long.signum(dueAt - other.dueAt) : Long.compare(number, other.number);
    }
}
