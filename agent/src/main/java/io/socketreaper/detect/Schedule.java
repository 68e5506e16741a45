package io.socketreaper.detect;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/** The suspects, ordered by the time of their next check. Reaper thread only, except for {@link #mayMissSuspects}. */
final class Schedule implements Iterable<Suspect> {
    private final TreeSet<Suspect> suspects = new TreeSet<>();
    private volatile boolean incomplete;

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

    /** Takes a suspect off. Returns false if it was not on the schedule. */
    boolean remove(Suspect suspect) {
        return suspects.remove(suspect);
    }

    boolean contains(Suspect suspect) {
        return suspects.contains(suspect);
    }

    /** The suspect that is checked next; there must be one. */
    Suspect first() {
        return suspects.first();
    }

    /** Whether a check is due at that nano time. */
    boolean isDue(long now) {
        return !suspects.isEmpty() && suspects.first().checkAt - now <= 0;
    }

    /** Takes off the suspect that is checked next; there must be one. */
    Suspect pollFirst() {
        return suspects.pollFirst();
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

    /** An {@link Error} may have left a suspect in the registry that is not on the schedule. Any thread; allocates nothing. */
    void mayMissSuspects() {
        incomplete = true;
    }

    /** Whether suspects may be missing, see {@link #mayMissSuspects}. */
    boolean isIncomplete() {
        return incomplete;
    }

    /** A search for missing suspects begins now. */
    void beginSearch() {
        incomplete = false;
    }
}
