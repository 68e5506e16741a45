package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;

/**
 * Schedules the suspects of the registry that are not on the schedule: an event, or a round of the reaper thread, was cut short by an
 * {@link Error} after it had added one to the registry or taken one off the schedule.
 */
@ReaperThread
final class MissingSuspects {
    /** Pause between two searches: one pass over all suspects each. */
    private static final long SEARCH_AGAIN = TimeUnit.SECONDS.toNanos(1);

    private final Clock clock;
    private final SocketRegistry registry;
    private final Schedule schedule;
    private final Detector.Host host;
    private boolean hasSearched;
    private long searchedAt;
    /** Chain that the search goes on with in the next round, 0 if none is under way. */
    private int nextChain;

    MissingSuspects(Clock clock, SocketRegistry registry, Schedule schedule, Detector.Host host) {
        this.clock = clock;
        this.registry = registry;
        this.schedule = schedule;
        this.host = host;
    }

    /** Searches if suspects may be missing; goes on in the next round where that takes longer than to that nano time. */
    void search(long now, long enough) {
        if (!isUnderWay()) {
            if (!schedule.isIncomplete() || hasSearched && now - searchedAt < SEARCH_AGAIN) {
                return;
            }
            schedule.searchBegins();
            hasSearched = true;
            searchedAt = now;
        }
        SocketChains<Suspect> suspects = registry.suspects();
        int chain = nextChain;
        nextChain = 0;
        try {
            do {
                for (Suspect suspect = suspects.head(chain); suspect != null; suspect = suspect.next) {
                    schedule.addNew(suspect, now);
                }
                chain++;
            } while (chain < suspects.size() && clock.nanoTime() - enough < 0);
            nextChain = chain < suspects.size() ? chain : 0;
        } catch (Error failure) {
            // Then they are searched for again; the checks of others go on.
            host.failed(failure);
        }
    }

    /** Whether the next round goes on with a search. */
    boolean isUnderWay() {
        return nextChain > 0;
    }

    /** The nano time of the next search; {@link Detector#NOTHING_TO_DO} if none is needed. */
    long nextSearch(long now) {
        if (isUnderWay()) {
            return now;
        }
        if (!schedule.isIncomplete()) {
            return Detector.NOTHING_TO_DO;
        }
        return hasSearched ? searchedAt + SEARCH_AGAIN : now;
    }
}
