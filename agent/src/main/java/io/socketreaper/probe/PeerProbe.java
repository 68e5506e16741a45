package io.socketreaper.probe;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.descriptor.TcpOptions.Option;
import io.socketreaper.model.Clock;
import io.socketreaper.model.PeerAnswer;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.SocketHandle;
import java.io.IOException;

/**
 * Asks the kernel of one socket's peer, by keepalive probes, whether it still knows the connection. Driven by {@link PeerProbes} on
 * the reaper thread; the owner's thread makes the steps where only that one may touch the socket.
 *
 * <p>One asking lasts {@value #PROBES} s and sends up to {@value #PROBES} probes, each a segment without data. The kernel sends a
 * probe at once when {@code TCP_KEEPIDLE} is set to a second and the connection is idle for longer; so each look sends one, and
 * {@code TCP_KEEPINTVL} of nine hours keeps the kernel from sending any by itself. It ends a connection only when it is about to
 * send a probe and as many as {@code TCP_KEEPCNT} are unanswered; that is 127 during an asking, and a socket with
 * {@value #MOST_UNANSWERED} unanswered probes is not asked. So no connection ends because the network is cut, even if this
 * thread never comes back.
 *
 * <p>The application's options are put back after each asking, unless the application has set another value meanwhile. There is
 * one exception. The kernel's count of unanswered probes goes back to 0 only when the peer answers. If the application uses
 * keepalive itself, our unanswered probes would count towards its {@code TCP_KEEPCNT} and end the connection too early; so that
 * option stays raised by their number until the peer has answered.
 */
public final class PeerProbe implements TcpOptions.Step, Comparable<PeerProbe> {
    /** How many probes are sent before a silence counts. */
    static final int PROBES = 3;
    /** Enough for a peer that was silent before. */
    static final int PROBES_OF_THE_SILENT = 2;
    /** The kernel counts them in a byte, and could end the connection at 127. */
    static final int MOST_UNANSWERED = 100;
    /** Between two looks, nanoseconds. */
    static final long APART = 1_000_000_000L;

    // what the options are set to while a socket is asked
    static final int OUR_IDLE = 1;
    /** Odd, so that it is not taken for a value of the application's. */
    static final int OUR_INTERVAL = 32_749;

    static final int OUR_COUNT = 127;

    private static final int LARGEST_TIME = 32_767;
    private static final int ATTEMPTS = 5;
    /** How soon the owner's thread is expected to have done a step, and for how long, nanoseconds. */
    private static final long GLIMPSE = 50_000_000L;

    private static final long LATEST = 5_000_000_000L;

    /** What the next step does. */
    private enum Phase {
        /** Begins an asking. */
        RESTING,
        /** Looks for an answer. */
        ASKING,
        /** Puts the options back. */
        ENDING
    }

    /** Whether the owner's thread has a step to do. */
    private enum Errand {
        NONE,
        UNDER_WAY,
        DONE,
        FAILED
    }

    private final Clock clock;
    private final SocketHandle socket;
    private final long number;

    // -- The fields below belong to the reaper thread.

    private PeerAnswer answer = PeerAnswer.UNKNOWN;
    private long answeredAt;
    /** When the next step is to be made. */
    private long dueAt;

    private int rounds;
    private int askings;
    /** How many askings there had been when an answer was last wanted anew. */
    private int askingsBefore;

    private int failures;
    /** Older answers are not wanted. */
    private long wantedSince;

    private long givenAt;

    /** Written by the owner's thread from {@link Errand#UNDER_WAY} to another, by the reaper thread otherwise. */
    private volatile Errand errand = Errand.NONE;

    private volatile boolean unwanted;

    // -- The fields below belong to the owner's thread while an errand is under way, otherwise to the reaper thread.

    private Phase phase = Phase.RESTING;
    private PeerAnswer found = PeerAnswer.UNKNOWN;
    private long foundAt;
    private long now;
    private int begun;

    /** Unanswered probes when the asking began, and at the last look. */
    private int before;

    private int seen;
    private int sent;
    private long sentAt;

    // the application's own options
    private boolean ownKeepalive;
    private int ownIdle;
    private int ownInterval;
    private int ownCount;
    /** What {@code TCP_KEEPCNT} was left at because of our unanswered probes; 0 if it is the application's. */
    private int raisedCount;
    /** How many of the unanswered probes are ours. */
    private int ours;
    /** Unanswered probes when the last asking ended. */
    private int leftUnanswered;
    /** True while the options are ours. */
    private boolean changed;

    PeerProbe(Clock clock, SocketHandle socket, long number, long dueAt) {
        this.clock = clock;
        this.socket = socket;
        this.number = number;
        this.dueAt = dueAt;
        this.wantedSince = dueAt;
        this.foundAt = dueAt;
    }

    /** The last answer; {@link PeerAnswer#PENDING} while the first one since it was wanted is awaited. */
    public PeerAnswer answer() {
        return answer == PeerAnswer.UNKNOWN && (rounds == 0 || isAsking() && askings - askingsBefore <= 1)
                ? PeerAnswer.PENDING
                : answer;
    }

    /** Nano time of the last answer, at which the look was made that found it; meaningless while there is none. */
    public long answeredAt() {
        return answeredAt;
    }

    /** How often it was asked. */
    public int askings() {
        return askings;
    }

    /** How often its turn has come; not every time could it be asked. */
    int rounds() {
        return rounds;
    }

    /** True from the first probe until the options are put back. */
    public boolean isAsking() {
        return errand != Errand.NONE || phase != Phase.RESTING;
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

    /** An answer is wanted again, and nothing is known; one that could not be ended yet goes on when it has. */
    void beginAnew(long time) {
        unwanted = false;
        wantedSince = time;
        answer = PeerAnswer.UNKNOWN;
        rounds = 0;
        askingsBefore = askings;
        if (!isAsking()) {
            dueAt = time;
        }
    }

    /** No answer is wanted any more: all that is left to do is to put the options back. */
    void end() {
        synchronized (this) {
            // An errand under way sees it, and puts the options back before it ends.
            unwanted = true;
        }
        collect();
        if (errand == Errand.NONE && (phase != Phase.RESTING || raisedCount != 0)) {
            phase = Phase.ENDING;
            step();
        }
    }

    /** Begins an asking, looks, or ends it; on this thread, or by an errand of the socket's owner. */
    void step() {
        long time = clock.nanoTime();
        if (errand == Errand.UNDER_WAY) {
            if (time - givenAt > LATEST) {
                // Its owner does not come to it. Until it does, nothing else can be done.
                answer = PeerAnswer.UNKNOWN;
                dueAt = time + APART;
            } else {
                dueAt = time + GLIMPSE;
            }
            return;
        }
        if (errand != Errand.NONE) {
            collect();
            waitUntilAnswered(time);
            return;
        }
        rounds += phase == Phase.RESTING ? 1 : 0;
        givenAt = time;
        errand = Errand.UNDER_WAY;
        TcpOptions.Done done = socket.options(this);
        if (done == TcpOptions.Done.LATER) {
            dueAt = time + GLIMPSE;
            return;
        }
        errand = done == TcpOptions.Done.YES ? Errand.DONE : Errand.FAILED;
        collect();
        waitUntilAnswered(time);
    }

    private void waitUntilAnswered(long time) {
        dueAt = (phase == Phase.ASKING ? sentAt : time) + APART;
    }

    /** True if its owner has not come to its errand for long. */
    boolean isStuck() {
        return errand == Errand.UNDER_WAY && clock.nanoTime() - givenAt > LATEST;
    }

    /** Takes what an errand has brought. */
    private void collect() {
        if (errand == Errand.DONE) {
            failures = 0;
            answer = foundAt - wantedSince < 0 ? PeerAnswer.UNKNOWN : found;
            answeredAt = foundAt;
            askings = begun;
            errand = Errand.NONE;
        } else if (errand == Errand.FAILED) {
            errand = Errand.NONE;
            if (phase == Phase.RESTING) {
                found = PeerAnswer.UNKNOWN;
                answer = found;
            } else if (++failures >= ATTEMPTS || socket.snapshot().isGone()) {
                // Closed by the application, and its options are gone with it.
                rest();
                failures = 0;
            }
        }
    }

    @Override
    public void notDone() {
        errand = Errand.FAILED;
    }

    @Override
    public void with(TcpOptions options) throws IOException {
        now = clock.nanoTime();
        boolean late = now - givenAt > LATEST;
        if (unwanted || late) {
            phase = changed || raisedCount != 0 ? Phase.ENDING : Phase.RESTING;
        } else if (phase == Phase.RESTING) {
            begin(options);
        } else if (phase == Phase.ASKING && now - sentAt >= APART) {
            look(options);
        }
        if (phase == Phase.ENDING) {
            putBack(options);
        }
        while (!finished()) {
            putBack(options);
        }
    }

    /** False if the answer is not wanted any more and the options are still ours. */
    private synchronized boolean finished() {
        if (unwanted && phase != Phase.RESTING) {
            return false;
        }
        errand = Errand.DONE;
        return true;
    }

    private void begin(TcpOptions options) throws IOException {
        int info = options.info();
        int unanswered = unanswered(info);
        if (state(info) == TcpState.CLOSE) {
            answered(PeerAnswer.GONE);
            return;
        }
        if (!isAskable(info) || options.get(Option.USER_TIMEOUT) != 0) {
            // The kernel would end it at the first unanswered probe once that timeout has passed.
            found = PeerAnswer.UNKNOWN;
            return;
        }
        ownKeepalive = options.get(Option.KEEPALIVE) != 0;
        ownIdle = options.get(Option.IDLE);
        ownInterval = options.get(Option.INTERVAL);
        int count = options.get(Option.COUNT);
        if (raisedCount == 0 || count != raisedCount) {
            ownCount = count;
        }
        if (unanswered == 0) {
            ours = 0;
            leftUnanswered = 0;
        }
        if (ownKeepalive && unanswered > leftUnanswered) {
            // The kernel is asking already, for the application.
            answered(PeerAnswer.SILENT);
            return;
        }
        if (ownIdle > LARGEST_TIME || ownInterval > LARGEST_TIME || ownCount > OUR_COUNT) {
            // The host's default is larger than what can be set, and so could not be put back.
            found = PeerAnswer.UNKNOWN;
            return;
        }
        if (unanswered >= MOST_UNANSWERED || ownKeepalive && ownCount + ours + PROBES >= OUR_COUNT) {
            // Some more could end the connection, now or by the application's own keepalive.
            if (unanswered > 0) {
                answered(PeerAnswer.SILENT);
            } else {
                found = PeerAnswer.UNKNOWN;
            }
            return;
        }
        before = unanswered;
        seen = unanswered;
        sent = 1;
        begun++;
        sentAt = now;
        phase = Phase.ASKING;
        changed = true;
        options.set(Option.COUNT, OUR_COUNT);
        options.set(Option.INTERVAL, OUR_INTERVAL);
        options.set(Option.KEEPALIVE, 1);
        // Last: it sends the probe.
        options.set(Option.IDLE, OUR_IDLE);
    }

    private void look(TcpOptions options) throws IOException {
        int info = options.info();
        int unanswered = unanswered(info);
        if (state(info) == TcpState.CLOSE) {
            endWith(PeerAnswer.GONE);
        } else if (!isAskable(info)
                || options.get(Option.USER_TIMEOUT) != 0
                || options.get(Option.KEEPALIVE) == 0
                || !isAsWeLeftIt(options)) {
            // The application does something with it.
            endWith(PeerAnswer.UNKNOWN);
        } else if (unanswered < seen) {
            endWith(PeerAnswer.ANSWERS);
        } else if (sent >= (before > 0 ? PROBES_OF_THE_SILENT : PROBES) && unanswered >= before + sent) {
            endWith(PeerAnswer.SILENT);
        } else if (sent < PROBES) {
            seen = unanswered;
            sent++;
            sentAt = now;
            options.set(Option.IDLE, OUR_IDLE);
        } else {
            // Some of the probes were answered: the network loses segments.
            endWith(unanswered == 0 ? PeerAnswer.ANSWERS : PeerAnswer.UNKNOWN);
        }
    }

    private void endWith(PeerAnswer its) {
        answered(its);
        phase = Phase.ENDING;
    }

    private void answered(PeerAnswer its) {
        found = its;
        foundAt = now;
    }

    /** Can be repeated if it has failed half-way. */
    private void putBack(TcpOptions options) throws IOException {
        int info = options.info();
        int unanswered = state(info) == TcpState.CLOSE ? 0 : unanswered(info);
        if (unanswered < before || unanswered == 0) {
            ours = unanswered;
        } else if (changed) {
            ours += unanswered - before;
        }
        leftUnanswered = unanswered;
        if (changed) {
            boolean keepalive = options.get(Option.KEEPALIVE) != 0;
            if (keepalive && !ownKeepalive && isAsWeLeftIt(options)) {
                // First, because it stops the kernel's timer.
                options.set(Option.KEEPALIVE, 0);
                keepalive = false;
            }
            putBack(options, Option.IDLE, OUR_IDLE, ownIdle);
            putBack(options, Option.INTERVAL, OUR_INTERVAL, ownInterval);
            // Last, because a small count could end the connection at the probe that the kernel sends now.
            // One more, because the kernel sends a probe at once if the application's own idle time has just passed.
            putBackCount(options, OUR_COUNT, keepalive && ours > 0 ? ours + 1 : 0);
            changed = false;
        } else if (ours == 0) {
            putBackCount(options, raisedCount, 0);
        }
        rest();
    }

    private static void putBack(TcpOptions options, Option option, int fromOurs, int toOwn) throws IOException {
        if (options.get(option) == fromOurs) {
            options.set(option, toOwn);
        }
    }

    private void putBackCount(TcpOptions options, int fromOurs, int raisedBy) throws IOException {
        int count = Math.min(OUR_COUNT, ownCount + raisedBy);
        putBack(options, Option.COUNT, fromOurs, count);
        raisedCount = raisedBy > 0 ? count : 0;
    }

    /** Whether the application has set none of the options that tell its values from ours. */
    private static boolean isAsWeLeftIt(TcpOptions options) throws IOException {
        return options.get(Option.IDLE) == OUR_IDLE
                && options.get(Option.INTERVAL) == OUR_INTERVAL
                && options.get(Option.COUNT) == OUR_COUNT;
    }

    private void rest() {
        phase = Phase.RESTING;
        changed = false;
    }

    private static TcpState state(int info) {
        return TcpState.of(info & 0xff);
    }

    private static int retransmits(int info) {
        return info >>> 16 & 0xff;
    }

    private static int unanswered(int info) {
        return info >>> 24;
    }

    /** The kernel sends no probe while segments of ours are unacknowledged. */
    private static boolean isAskable(int info) {
        return retransmits(info) == 0
                && switch (state(info)) {
                    case ESTABLISHED, CLOSE_WAIT, FIN_WAIT2 -> true;
                    default -> false;
                };
    }

    /** By the time of the next step, then by arrival. */
    @Override
    public int compareTo(PeerProbe other) {
        return dueAt != other.dueAt ? Long.signum(dueAt - other.dueAt) : Long.compare(number, other.number);
    }
}
