package io.socketreaper.probe;

import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.descriptor.TcpOptions.Option;
import io.socketreaper.model.PeerAnswer;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The probing of one socket's peer as a state machine of three phases. A step is made on the thread of the socket's owner while the reaper
 * thread waits for it; between two steps the reaper thread reads what was found.
 *
 * <p>One asking lasts {@value #PROBES} s and sends up to {@value #PROBES} probes, each a segment without data. The kernel sends a
 * probe at once when {@code TCP_KEEPIDLE} is set to a second and the connection is idle for longer; so each look sends one, and
 * {@code TCP_KEEPINTVL} of nine hours keeps the kernel from sending any by itself. It ends a connection only when it is about to
 * send a probe and as many as {@code TCP_KEEPCNT} are unanswered; that is 127 during an asking, and a socket with
 * {@value #MOST_UNANSWERED} unanswered probes is not asked. So no connection ends because the network is cut, even if no further
 * step is ever made.
 *
 * <p>An asking may be about a connection on which both sides have been silent for longer than a second. {@code TCP_KEEPIDLE} is that
 * time then, so the kernel sends no probe if it has heard the peer meanwhile. A connection whose application uses keepalive itself is not
 * asked so, and one whose peer is silent only until {@value #MOST_UNANSWERED_IF_IDLE} probes are unanswered: the kernel keeps them in the
 * same count as those of a closed window, of which {@code tcp_retries2} (15) end a connection.
 *
 * <p>The application's options are put back after each asking, unless the application has set another value meanwhile. There is
 * one exception. The kernel's count of unanswered probes goes back to 0 only when the peer answers. If the application uses
 * keepalive itself, our unanswered probes would count towards its {@code TCP_KEEPCNT} and end the connection too early; so that
 * option stays raised by their number until the peer has answered.
 */
final class KeepaliveProbe {
    /** How many probes are sent before a silence counts. */
    static final int PROBES = 3;
    /** Enough for a peer that was silent before. */
    static final int PROBES_OF_THE_SILENT = 2;
    /** The kernel counts them in a byte, and could end the connection at 127. */
    static final int MOST_UNANSWERED = 100;
    /** The same for a connection that is only idle. */
    static final int MOST_UNANSWERED_IF_IDLE = 10;
    /** Between two probes, nanoseconds. */
    static final long APART = 1_000_000_000L;

    // what the options are set to while a socket is asked

    /** The least that can be set, for a suspect: its kernel probes at once. */
    static final int OUR_IDLE = 1;
    /** Odd, so that it is not taken for a value of the application's. */
    static final int OUR_INTERVAL = 32_749;

    static final int OUR_COUNT = 127;

    /** What the next step does. */
    private enum Phase {
        /** Begins to probe. The options are the application's, except for a raised count. */
        RESTING,
        /** Looks for an answer, and sends another probe if there is none. The options are the agent's. */
        ASKING,
        /** Restores the options. */
        ENDING
    }

    private Phase phase = Phase.RESTING;
    private PeerAnswer found = PeerAnswer.UNKNOWN;
    /** The connection was reset while its peer was being asked. */
    private boolean resetMeanwhile;

    private long foundAt;
    /** When the step began that is being made. */
    private long now;

    private int askings;

    // -- The asking

    /** {@link #OUR_IDLE}, or for how many seconds a connection must be idle to be probed. */
    private int ourIdle = OUR_IDLE;

    /** Unanswered probes when it began, and at the last look. */
    private int before;

    private int seen;
    private int sent;
    private long sentAt;

    // -- The options to be restored

    private @Nullable KeepaliveOptions own;
    /** True while the options are the agent's. */
    private boolean changed;
    /** What {@code TCP_KEEPCNT} was left at because of our unanswered probes; 0 if it is the application's. */
    private int raisedCount;
    /** How many of the unanswered probes are ours. */
    private int ours;
    /** Unanswered probes when the last asking ended. */
    private int leftUnanswered;

    KeepaliveProbe(long createdAt) {
        foundAt = createdAt;
    }

    /** The last answer, unless it is older than that. */
    PeerAnswer answerSince(long time) {
        return foundAt - time < 0 ? PeerAnswer.UNKNOWN : found;
    }

    /** Whether the connection was reset while its peer was being asked, less than two seconds after a probe. */
    boolean wasResetMeanwhile() {
        return resetMeanwhile;
    }

    /** How many askings were begun. */
    int askings() {
        return askings;
    }

    /** Probes in a row that the peer had not answered when the last asking ended, ours and the application's. */
    int leftUnanswered() {
        return leftUnanswered;
    }

    boolean isResting() {
        return phase == Phase.RESTING;
    }

    boolean isAsking() {
        return phase == Phase.ASKING;
    }

    /** When the last probe was sent, nano time. */
    long sentAt() {
        return sentAt;
    }

    /** Makes the next step restore the socket's options; false if none were changed. */
    boolean end() {
        if (phase != Phase.RESTING || raisedCount != 0) {
            phase = Phase.ENDING;
        }
        return phase == Phase.ENDING;
    }

    /** Makes the last answer void; there is no new one. */
    void forgetAnswer() {
        found = PeerAnswer.UNKNOWN;
    }

    /** No option is changed, or all are restored. */
    void rest() {
        phase = Phase.RESTING;
        changed = false;
    }

    /**
     * Makes one step, and puts the options back at once if it was the last. If it fails it can be repeated.
     *
     * @param idle seconds; if it begins an asking, the peer is probed only if it was not heard for so long. {@link #OUR_IDLE} for a suspect
     */
    void step(TcpOptions options, long time, int idle) throws IOException {
        now = time;
        switch (phase) {
            case RESTING -> {
                ourIdle = idle;
                begin(options);
            }
            case ASKING -> {
                if (now - sentAt >= APART) {
                    look(options);
                }
            }
            case ENDING -> {}
        }
        if (phase == Phase.ENDING) {
            putBack(options);
        }
    }

    /** The application's own options, as they were when the asking began. */
    private KeepaliveOptions own() {
        return Objects.requireNonNull(own);
    }

    // -- Resting: the next step begins an asking

    private void begin(TcpOptions options) throws IOException {
        TcpInfo info = TcpInfo.of(options);
        if (info.isOver()) {
            answered(PeerAnswer.GONE);
            return;
        }
        if (!info.isAskable() || options.get(Option.USER_TIMEOUT) != 0) {
            // The kernel would end it at the first unanswered probe once that timeout has passed.
            answered(PeerAnswer.UNKNOWN);
            return;
        }
        KeepaliveOptions set = KeepaliveOptions.of(options);
        own = raisedCount != 0 && set.count() == raisedCount ? set.withCount(own().count()) : set;
        if (info.unanswered() == 0) {
            ours = 0;
            leftUnanswered = 0;
        }
        PeerAnswer known = answerWithoutAsking(info.unanswered());
        if (known != null) {
            answered(known);
            return;
        }
        before = info.unanswered();
        seen = before;
        sent = 1;
        sentAt = now;
        askings++;
        phase = Phase.ASKING;
        changed = true;
        options.set(Option.COUNT, OUR_COUNT);
        options.set(Option.INTERVAL, OUR_INTERVAL);
        options.set(Option.KEEPALIVE, 1);
        // Last: it sends the probe.
        options.set(Option.IDLE, ourIdle);
    }

    /** The answer for a peer that cannot or need not be probed; null if it can be. */
    private @Nullable PeerAnswer answerWithoutAsking(int unanswered) {
        if (isAboutIdle()) {
            return answerWithoutAskingTheIdle(unanswered);
        }
        if (own().keepalive() && unanswered > leftUnanswered) {
            // The kernel is asking already, for the application.
            return PeerAnswer.SILENT;
        }
        if (!own().canBePutBack()) {
            return PeerAnswer.UNKNOWN;
        }
        if (unanswered >= MOST_UNANSWERED || own().keepalive() && own().count() + ours + PROBES >= OUR_COUNT) {
            // Some more could end the connection, now or by the application's own keepalive.
            return unanswered > 0 ? PeerAnswer.SILENT : PeerAnswer.UNKNOWN;
        }
        return null;
    }

    private @Nullable PeerAnswer answerWithoutAskingTheIdle(int unanswered) {
        leftUnanswered = unanswered;
        if (own().keepalive() || !own().canBePutBack()) {
            return PeerAnswer.UNKNOWN;
        }
        return unanswered >= MOST_UNANSWERED_IF_IDLE ? PeerAnswer.SILENT : null;
    }

    /** Whether the asking is about a connection that only is idle, and no suspect. */
    private boolean isAboutIdle() {
        return ourIdle != OUR_IDLE;
    }

    // -- Asking: the next step looks for an answer

    private void look(TcpOptions options) throws IOException {
        TcpInfo info = TcpInfo.of(options);
        if (info.isOver()) {
            resetMeanwhile = true;
            endWith(PeerAnswer.GONE);
        } else if (!info.isAskable() || isUsedByApplication(options)) {
            endWith(PeerAnswer.UNKNOWN);
        } else if (info.unanswered() < seen || isAboutIdle() && info.unanswered() == 0) {
            endWith(PeerAnswer.ANSWERS);
        } else if (sent >= enough() && info.unanswered() >= before + sent) {
            endWith(PeerAnswer.SILENT);
        } else if (sent < PROBES) {
            seen = info.unanswered();
            sent++;
            sentAt = now;
            options.set(Option.IDLE, ourIdle);
        } else {
            // Some of the probes were answered: the network loses segments.
            endWith(info.unanswered() == 0 ? PeerAnswer.ANSWERS : PeerAnswer.UNKNOWN);
        }
    }

    /** How many probes without an answer are a silence. */
    private int enough() {
        if (before == 0) {
            return PROBES;
        }
        return isAboutIdle() ? 1 : PROBES_OF_THE_SILENT;
    }

    private boolean isUsedByApplication(TcpOptions options) throws IOException {
        return options.get(Option.USER_TIMEOUT) != 0 || options.get(Option.KEEPALIVE) == 0 || !isAsWeLeftIt(options);
    }

    private void endWith(PeerAnswer answer) {
        answered(answer);
        phase = Phase.ENDING;
    }

    private void answered(PeerAnswer answer) {
        found = answer;
        foundAt = now;
    }

    // -- Ending: the options are put back

    /** Can be repeated if it has failed half-way. */
    void putBack(TcpOptions options) throws IOException {
        countOurs(TcpInfo.of(options));
        if (changed) {
            boolean keepalive = options.get(Option.KEEPALIVE) != 0;
            if (keepalive && !own().keepalive() && isAsWeLeftIt(options)) {
                // First, because it stops the kernel's timer.
                options.set(Option.KEEPALIVE, 0);
                keepalive = false;
            }
            putBack(options, Option.IDLE, ourIdle, own().idle());
            putBack(options, Option.INTERVAL, OUR_INTERVAL, own().interval());
            // Last, because a small count could end the connection at the probe that the kernel sends now.
            // One more, because the kernel sends a probe at once if the application's own idle time has just passed.
            putBackCount(options, OUR_COUNT, keepalive && ours > 0 ? ours + 1 : 0);
        } else if (ours == 0) {
            putBackCount(options, raisedCount, 0);
        }
        rest();
    }

    private void countOurs(TcpInfo info) {
        int unanswered = info.isOver() ? 0 : info.unanswered();
        if (unanswered < before || unanswered == 0) {
            ours = unanswered;
        } else if (changed) {
            ours += unanswered - before;
        }
        leftUnanswered = unanswered;
    }

    private static void putBack(TcpOptions options, Option option, int fromOurs, int toOwn) throws IOException {
        if (options.get(option) == fromOurs) {
            options.set(option, toOwn);
        }
    }

    private void putBackCount(TcpOptions options, int fromOurs, int raisedBy) throws IOException {
        int count = Math.min(OUR_COUNT, own().count() + raisedBy);
        putBack(options, Option.COUNT, fromOurs, count);
        raisedCount = raisedBy > 0 ? count : 0;
    }

    /** Whether the application has set none of the options that tell its values from ours. */
    private boolean isAsWeLeftIt(TcpOptions options) throws IOException {
        return options.get(Option.IDLE) == ourIdle
                && options.get(Option.INTERVAL) == OUR_INTERVAL
                && options.get(Option.COUNT) == OUR_COUNT;
    }
}
