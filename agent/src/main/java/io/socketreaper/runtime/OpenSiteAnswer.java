package io.socketreaper.runtime;

import io.socketreaper.control.ControlException;
import io.socketreaper.control.OpenQuestion;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.OpenSite;
import io.socketreaper.detect.OpenWalk;
import io.socketreaper.leak.GrowingSite;
import io.socketreaper.model.OpenState;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers the question for open sockets, a part at a time, because there may be very many. */
@ReaperThread
final class OpenSiteAnswer {
    private static final Comparator<OpenSiteInfo> MOST_INTERESTING = Comparator.comparing(OpenSiteInfo::growing)
            .thenComparingInt(OpenSiteInfo::open)
            .reversed();

    private final Detector detector;
    private final OpenQuestion question;
    private final int descriptors;
    private final long limit;
    private @Nullable OpenWalk walk;

    /**
     * @param descriptors open ones of the process, -1 if unknown
     * @param limit       how many may be open, -1 if unknown
     */
    OpenSiteAnswer(Detector detector, OpenQuestion question, int descriptors, long limit) {
        this.detector = detector;
        this.question = question;
        this.descriptors = descriptors;
        this.limit = limit;
    }

    /**
     * Counts the next sockets, for so many nanoseconds or a little longer.
     *
     * @return the answer; null while there are more
     * @throws ControlException if there is no such site or state
     */
    @Nullable
    List<OpenSiteInfo> goOn(long nanos) {
        OpenWalk present = walk;
        if (present == null) {
            present = begin();
            walk = present;
        }
        Map<OpenSite, OpenWalk.Tally> counted = present.goOn(nanos);
        if (counted == null) {
            return null;
        }
        var infos = new ArrayList<OpenSiteInfo>();
        long now = System.nanoTime();
        counted.forEach((site, tally) -> {
            if (question.site() == null || question.site().equals(site.id())) {
                infos.add(info(site, tally, now));
            }
        });
        infos.sort(MOST_INTERESTING);
        return List.copyOf(infos);
    }

    private OpenWalk begin() {
        String site = question.site();
        if (site != null
                && detector.openSites().all().stream()
                        .noneMatch(known -> known.id().equals(site))) {
            throw new ControlException("no opening site has the id \"" + site + "\"; `open` lists them");
        }
        return detector.openSites()
                .walk()
                .olderThan(Math.max(0, question.olderMillis()))
                .inState(state(question.state()));
    }

    private static @Nullable OpenState state(@Nullable String name) {
        if (name == null) {
            return null;
        }
        OpenState state = OpenState.named(name);
        if (state == null) {
            throw new ControlException("unknown state \"" + name + "\"; valid: " + OpenState.all());
        }
        return state;
    }

    private OpenSiteInfo info(OpenSite site, OpenWalk.Tally tally, long now) {
        var stack = new ArrayList<String>();
        for (StackTraceElement frame : site.stack()) {
            stack.add(frame.toString());
        }
        var states = new LinkedHashMap<String, Integer>();
        tally.states().forEach((state, count) -> states.put(state.toString(), count));
        boolean all = question.olderMillis() <= 0 && question.state() == null;
        Integer openedPerMinute = all ? site.openedPerMinute() : null;
        Integer growth = all ? site.growth(1) : null;
        return new OpenSiteInfo(
                site.id(),
                site.location(),
                site.port(),
                stack,
                tally.open(),
                states,
                tally.peers(),
                tally.youngestMillis(),
                tally.medianMillis(),
                tally.oldestMillis(),
                site.opened(),
                openedPerMinute,
                openedPerMinute == null || growth == null ? null : (Integer) Math.max(0, openedPerMinute - growth),
                growth,
                all ? site.growth(10) : null,
                all ? site.growth(60) : null,
                site.isGrowing(),
                site.perMinute(),
                site.isGrowing() ? TimeUnit.NANOSECONDS.toMillis(now - site.growingSince()) : 0,
                site.perMinute() > 0
                        ? GrowingSite.millisToLimit(detector.openSites().descriptorsPerMinute(), descriptors, limit)
                        : -1);
    }
}
