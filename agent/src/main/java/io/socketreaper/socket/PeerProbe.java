package io.socketreaper.socket;

import io.socketreaper.judge.PeerAnswer;
import io.socketreaper.judge.TcpState;
import io.socketreaper.socket.TcpOptions.Option;
import java.io.IOException;

/**
 * Asks the kernel of one socket's peer, by keepalive probes, whether it still knows the connection. Driven by {@link PeerProbes};
 * reaper thread only.
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

    /** What the next step does. */
    enum Phase {
        /** Begins an asking. */
        RESTING,
        /** Looks for an answer. */
        ASKING,
        /** Puts the options back. */
        ENDING
    }

    private final SocketHandle socket;
    private final long number;
    private Phase phase = Phase.RESTING;
    private PeerAnswer answer = PeerAnswer.UNKNOWN;
    private long answeredAt;
    private long now;
    /** When the next step is to be made. */
    private long dueAt;
    private int rounds;
    private int askings;
    private int failures;
    private boolean unwanted;

    /** Unanswered probes when the asking began, and at the last look. */
    private int before;
    private int seen;
    private int sent;

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

    PeerProbe(SocketHandle socket, long number, long dueAt) {
        this.socket = socket;
        this.number = number;
        this.dueAt = dueAt;
    }

    /** The last answer; {@link PeerAnswer#PENDING} while the first one is awaited. */
    public PeerAnswer answer() {
        return answer == PeerAnswer.UNKNOWN && (rounds == 0 || isAsking() && askings <= 1) ? PeerAnswer.PENDING : answer;
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
        return phase != Phase.RESTING;
    }

    long dueAt() {
        return dueAt;
    }

    /** To be called while it is in no ordered set. */
    void dueAt(long time) {
        dueAt = time;
    }

    /** True if options of the application are changed. */
    private boolean hasChangedOptions() {
        return phase != Phase.RESTING || raisedCount != 0;
    }

    /** An answer is wanted again, and nothing is known; one that could not be ended yet goes on when it has. */
    void beginAnew(long time) {
        unwanted = false;
        answer = PeerAnswer.UNKNOWN;
        rounds = 0;
        if (!isAsking()) {
            dueAt = time;
        }
    }

    /** No answer is wanted any more: all that is left to do is to put the options back. */
    void end(long time) {
        unwanted = true;
        if (hasChangedOptions()) {
            phase = Phase.ENDING;
            step(time);
        }
    }

    boolean isUnwanted() {
        return unwanted;
    }

    /** Begins an asking, looks, or ends it. */
    void step(long time) {
        now = time;
        rounds += phase == Phase.RESTING ? 1 : 0;
        if (socket.options(this)) {
            failures = 0;
        } else if (phase == Phase.RESTING) {
            answer = PeerAnswer.UNKNOWN;
        } else if (++failures >= ATTEMPTS || socket.sight().isGone()) {
            // Closed by the application, and its options are gone with it.
            rest();
        } else {
            dueAt = time + APART;
        }
    }

    @Override
    public void with(TcpOptions options) throws IOException {
        if (phase == Phase.RESTING) {
            begin(options);
        } else if (phase == Phase.ASKING) {
            look(options);
        }
        if (phase == Phase.ENDING) {
            putBack(options);
        }
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
            answer = PeerAnswer.UNKNOWN;
            return;
        }
        ownKeepalive = options.get(Option.KEEPALIVE) != 0;
        ownIdle = options.get(Option.IDLE);
        ownInterval = options.get(Option.INTERVAL);
        int found = options.get(Option.COUNT);
        if (raisedCount == 0 || found != raisedCount) {
            ownCount = found;
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
            answer = PeerAnswer.UNKNOWN;
            return;
        }
        if (unanswered >= MOST_UNANSWERED || ownKeepalive && ownCount + ours + PROBES >= OUR_COUNT) {
            // Some more could end the connection, now or by the application's own keepalive.
            if (unanswered > 0) {
                answered(PeerAnswer.SILENT);
            } else {
                answer = PeerAnswer.UNKNOWN;
            }
            return;
        }
        before = unanswered;
        seen = unanswered;
        sent = 1;
        askings++;
        dueAt = now + APART;
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
        dueAt = now + APART;
        if (state(info) == TcpState.CLOSE) {
            endWith(PeerAnswer.GONE);
        } else if (!isAskable(info) || options.get(Option.USER_TIMEOUT) != 0 || options.get(Option.KEEPALIVE) == 0
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
            options.set(Option.IDLE, OUR_IDLE);
        } else {
            // Some of the probes were answered: the network loses segments.
            endWith(unanswered == 0 ? PeerAnswer.ANSWERS : PeerAnswer.UNKNOWN);
        }
    }

    private void endWith(PeerAnswer found) {
        answered(found);
        phase = Phase.ENDING;
    }

    private void answered(PeerAnswer found) {
        answer = found;
        answeredAt = now;
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
        return options.get(Option.IDLE) == OUR_IDLE && options.get(Option.INTERVAL) == OUR_INTERVAL
                && options.get(Option.COUNT) == OUR_COUNT;
    }

    private void rest() {
        phase = Phase.RESTING;
        changed = false;
        failures = 0;
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
        return retransmits(info) == 0 && switch (state(info)) {
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
