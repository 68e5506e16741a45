package io.socketreaper.detect;

import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The suspects, ordered by the time of their next check, and the rules for that time. All times are nanoseconds.
 */
@ReaperThread
final class Schedule implements Iterable<Suspect> {
    /** Checks of very many suspects are so far apart that they take a tenth of one processor. */
    private static final int REST_PER_CHECK = 10;
    /** Unless that would make them come later than this, or than the timeout: that is how late a leak may then be found. */
    private static final long LONGEST_STRETCH = TimeUnit.SECONDS.toNanos(5);

    private final Policy policy;
    private final IdleTime idleTime;
    private final TreeSet<Suspect> suspects = new TreeSet<>();
    private volatile boolean incomplete;
    private long roundStart;
    /** What the shortest check of a round takes, averaged over rounds. */
    private long checkCost;

    Schedule(Policy policy, IdleTime idleTime) {
        this.policy = policy;
        this.idleTime = idleTime;
    }

    /** Checks are due again from the start of a round on, however long it takes. */
    void beginRound(long now) {
        roundStart = now;
    }

    /** The suspect is checked at that nano time. */
    void add(Suspect suspect, long checkAt) {
        suspect.checkAt = checkAt;
        try {
            suspects.add(suspect);
        } catch (Error error) {
            incomplete = true;
            throw error;
        }
    }

    /** The suspect is checked again so long after the start of the round. */
    void addAfter(Suspect suspect, long interval) {
        add(suspect, roundStart + interval);
    }

    /** Adds a suspect that has not been checked, unless it is there. */
    void addNew(Suspect suspect, long now) {
        if (suspect.state() != SuspectState.ENDED && !suspects.contains(suspect)) {
            add(suspect, now + policy.period());
        }
    }

    /** Takes a suspect off. Returns false if it was not on the schedule. */
    boolean remove(Suspect suspect) {
        return suspects.remove(suspect);
    }

    boolean contains(Suspect suspect) {
        return suspects.contains(suspect);
    }

    /** Whether a check is due at that nano time. */
    boolean isDue(long now) {
        return !suspects.isEmpty() && suspects.first().checkAt - now <= 0;
    }

    /** Takes off the suspect that is checked next; there must be one. */
    Suspect pollFirst() {
        return suspects.pollFirst();
    }

    /** The nano time of the next check, if that comes before a given one; otherwise that one. */
    long nextCheckBefore(long time) {
        return !suspects.isEmpty() && suspects.first().checkAt - time < 0 ? suspects.first().checkAt : time;
    }

    /** Makes a check of every suspect due at that nano time. */
    void checkAllAt(long now) {
        List<Suspect> all = new ArrayList<>(suspects);
        suspects.clear();
        for (Suspect suspect : all) {
            add(suspect, now);
        }
    }

    boolean isEmpty() {
        return suspects.isEmpty();
    }

    int size() {
        return suspects.size();
    }

    @Override
    public Iterator<Suspect> iterator() {
        return suspects.iterator();
    }

    // -- When the next check comes

    /** A round has made checks. The shortest counts: a check that a busy machine holds up costs no more than another. */
    void measured(long shortestCheck) {
        checkCost += (shortestCheck - checkCost) / 8;
    }

    /** The time until the next check of a suspect that is no leak. */
    long untilNextCheck(Suspect suspect, long now) {
        long untilDeadline = suspect.timeout - idleTime.of(suspect, now);
        long untilChangesShow = suspect.shortestTimeout / Policy.CHECKS_PER_TIMEOUT;
        long interval;
        if (suspect.state() == SuspectState.IN_USE) {
            // It becomes no leak before its timeout has passed once more.
            interval = stretched(untilChangesShow, longestStretch(suspect));
        } else if (untilDeadline > 0) {
            interval = Math.min(stretched(untilChangesShow, suspect.shortestTimeout / 2), untilDeadline);
        } else {
            // A deadline that has passed waits for a change, e.g. for input of a client that waits for its answer.
            interval = stretched(Math.max(policy.period(), untilChangesShow), longestStretch(suspect));
        }
        return Math.max(Policy.SHORTEST_PERIOD, interval);
    }

    /** The time until the next check of a leak that was only reported. */
    long untilNextCheckOfReported(Suspect suspect) {
        long interval = Math.max(suspect.shortestTimeout, policy.period());
        return stretched(interval, Math.max(interval, LONGEST_STRETCH));
    }

    private static long longestStretch(Suspect suspect) {
        return Math.max(suspect.shortestTimeout, LONGEST_STRETCH);
    }

    /** The interval, or so much more that checks of all suspects together take no more than their share of a processor. */
    private long stretched(long interval, long most) {
        long fair = suspects.size() * checkCost * REST_PER_CHECK;
        return Math.max(interval, Math.min(fair, most));
    }

    // -- Suspects that an error has kept from the schedule

    /** An {@link Error} may have left a suspect in the registry that is not on the schedule. */
    @AnyThread
    void mayMissSuspects() {
        incomplete = true;
    }

    /** Whether suspects may be missing, see {@link #mayMissSuspects}. */
    boolean isIncomplete() {
        return incomplete;
    }

    /** A search for missing suspects begins now. */
    void searchBegins() {
        incomplete = false;
    }
}
