package io.socketreaper.detect;

import io.socketreaper.config.Settings;
import io.socketreaper.model.Action;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.ProbeMode;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;

/**
 * Gives the actions, timeouts and periods that apply at the moment, by the settings, the pressure of a descriptor limit, and an
 * operator's pause or end of the detection. All times are nanoseconds.
 */
@ReaperThread
final class Policy {
    /**
     * Checks of a suspect per timeout. The kernel does not say <em>when</em> the unread input last grew; a change counts as activity at
     * the check that finds it, so the window errs on the long side.
     */
    static final int CHECKS_PER_TIMEOUT = 10;

    static final long SHORTEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(10);
    /** A leak must be found and released within its timeout and one second more. */
    static final long LONGEST_PERIOD = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long SHORTEST_SWEEP_PERIOD = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_SWEEP_PERIOD = LONGEST_PERIOD;
    private static final long LEAST_LATENESS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MOST_LATENESS = TimeUnit.SECONDS.toNanos(5);

    private Settings settings;
    private boolean underPressure;
    private boolean paused;
    private volatile boolean ended;

    private long normalPeriod;
    private long pressurePeriod;
    private long sweepPeriod;
    /** Kept, because a sweep asks for it at each socket. */
    private int keepaliveSeconds;

    private long normalLateness;
    private long pressureLateness;

    Policy(Settings settings) {
        settings(settings);
    }

    /** Other settings hold from now on. */
    void settings(Settings changed) {
        settings = changed;
        long shortest = TimeUnit.MILLISECONDS.toNanos(settings.shortestTimeoutMillis());
        long underPressure = Math.min(shortest, TimeUnit.MILLISECONDS.toNanos(settings.pressureTimeoutMillis()));
        normalPeriod = clamp(shortest / CHECKS_PER_TIMEOUT, SHORTEST_PERIOD, LONGEST_PERIOD);
        pressurePeriod = clamp(underPressure / CHECKS_PER_TIMEOUT, SHORTEST_PERIOD, LONGEST_PERIOD);
        sweepPeriod = clamp(shortest / CHECKS_PER_TIMEOUT, SHORTEST_SWEEP_PERIOD, LONGEST_SWEEP_PERIOD);
        keepaliveSeconds = (int) TimeUnit.MILLISECONDS.toSeconds(settings.keepaliveMillis() + 999);
        normalLateness = lateness(shortest);
        pressureLateness = lateness(underPressure);
    }

    private static long lateness(long shortest) {
        return clamp(shortest / 4, Math.min(LEAST_LATENESS, shortest / 2), MOST_LATENESS);
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }

    void setPressure(boolean on) {
        underPressure = on;
    }

    boolean isUnderPressure() {
        return underPressure;
    }

    void pause(boolean on) {
        paused = on;
    }

    boolean isPaused() {
        return paused;
    }

    /** From now on no leak is found: events may no longer be told. */
    @AnyThread
    void end() {
        ended = true;
    }

    boolean isEnded() {
        return ended;
    }

    /** Whether a suspect may be found to be a leak. */
    boolean findsLeaks() {
        return !paused && !ended;
    }

    // -- Periods

    /** How long a new suspect waits for its first check, and the longest pause between two rounds while there are suspects. */
    long period() {
        return underPressure ? pressurePeriod : normalPeriod;
    }

    /** From the start of one sweep to the start of the next, at least. */
    long sweepPeriod() {
        return sweepPeriod;
    }

    /** How late the reaper thread may be before that counts as a stop of the whole JVM. */
    long lateness() {
        return underPressure ? pressureLateness : normalLateness;
    }

    /** For how many seconds a connection must be idle until its peer is asked; 0 if none is asked for that. */
    int keepaliveSeconds() {
        return findsLeaks() ? keepaliveSeconds : 0;
    }

    /** How long the open sockets of a line of code must rise in number to be growing, nanoseconds. */
    long growingWindow() {
        return TimeUnit.MILLISECONDS.toNanos(settings.growingWindowMillis());
    }

    // -- Actions

    /** What is to be done about a leak of that evidence. */
    Action action(Evidence evidence) {
        Grade grade = evidence.grade();
        return underPressure && grade == Grade.DOUBTFUL && settings.pressureDoubtful()
                ? settings.action(evidence.kind())
                : settings.action(evidence.kind(), grade);
    }

    /** Whether sockets whose objects were collected are released. */
    boolean releasesUnreachable() {
        return settings.action(LeakKind.UNREACHABLE) != Action.LOG;
    }

    /** Whether a leak of that kind may be released that is not proven, depending on what the peer answers. */
    boolean releasesBy(LeakKind kind) {
        return settings.releasesUnproven(kind);
    }

    /** Whose peers are asked. */
    ProbeMode probeMode() {
        return settings.probe();
    }

    boolean asksPeers() {
        return probeMode() != ProbeMode.OFF;
    }

    // -- Timeouts

    /**
     * How long a socket of that evidence must be idle to be a leak.
     *
     * @param age how long the socket has been known
     */
    long timeout(Evidence evidence, long age) {
        SocketSnapshot snapshot = evidence.snapshot();
        Grade grade = evidence.grade();
        long own = settings.timeoutMillis(snapshot.kind(), grade);
        long normal = snapshot.isSilent() ? Math.max(own, settings.silentTimeoutMillis()) : own;
        if (!isHurried(grade)) {
            return TimeUnit.MILLISECONDS.toNanos(normal);
        }
        long hurried = TimeUnit.MILLISECONDS.toNanos(Math.min(normal, settings.pressureTimeoutMillis()));
        return isUrgent(snapshot) && age >= hurried ? 0 : hurried;
    }

    /** Whether the shorter timeout of pressure holds. */
    private boolean isHurried(Grade grade) {
        return underPressure && (grade.isSure() || grade == Grade.DOUBTFUL && settings.pressureDoubtful());
    }

    /** The timeout of leaks of that kind that are sure. */
    long shortestTimeout(LeakKind kind) {
        long normal = settings.timeoutMillis(kind, Grade.STRONG);
        return TimeUnit.MILLISECONDS.toNanos(
                underPressure ? Math.min(normal, settings.pressureTimeoutMillis()) : normal);
    }

    /**
     * Whether one check under pressure is enough: the application cannot have used the socket since it dropped it, whenever that was,
     * and a close takes no byte from the peer. It only must be old enough.
     */
    boolean isUrgent(SocketSnapshot snapshot) {
        return underPressure
                && snapshot.hold() == Holder.UNREACHABLE
                && (snapshot.unreadBytes() == 0 || snapshot.tcpState() == TcpState.CLOSE);
    }
}
