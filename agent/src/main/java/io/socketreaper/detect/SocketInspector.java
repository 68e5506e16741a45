package io.socketreaper.detect;

import io.socketreaper.thread.ReaperThread;
import org.jspecify.annotations.Nullable;

/** Checks the sockets of an inspection, with {@code track=all}. */
@ReaperThread
final class SocketInspector {
    private final SocketRegistry registry;
    private final Schedule schedule;
    private final Sweep sweep;
    private final SuspectCheck check;

    SocketInspector(SocketRegistry registry, Schedule schedule, Sweep sweep, SuspectCheck check) {
        this.registry = registry;
        this.schedule = schedule;
        this.sweep = sweep;
        this.check = check;
    }

    /** Checks all sockets that the inspection is about, and tells it of each. */
    void inspect(Inspection inspection, long now) {
        inspection.begin(now);
        for (int chain = 0; chain < registry.opened().size(); chain++) {
            for (OpenSocket tracked = registry.opened().head(chain); tracked != null; tracked = tracked.next) {
                if (tracked.socket().onlyCounted() == 0 && inspection.isAbout(tracked, now)) {
                    sweep.fullCheck(chain, tracked, now);
                    tracked.socket().rememberEndpoints();
                    inspection.checked(tracked, checkedNow(tracked.suspect, now), now);
                }
            }
        }
        for (Suspect suspect : schedule) {
            // The open socket may be gone already, with its descriptor, while the release has not told of its end.
            if (suspect.state() == SuspectState.RELEASING
                    && !suspect.foundCase().isOver()
                    && inspection.isAbout(suspect, now)) {
                inspection.releasing();
            }
        }
        inspection.end(now);
    }

    /** Checks a suspect. Returns it if it is one still, otherwise null. */
    private @Nullable Suspect checkedNow(@Nullable Suspect suspect, long now) {
        if (suspect == null || !schedule.remove(suspect)) {
            return null;
        }
        check.check(suspect, now, false);
        return schedule.contains(suspect) ? suspect : null;
    }
}
