package io.socketreaper.testapp.harness;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * The leaks that the agent in a child JVM has logged, added up by kind: of each site some reports in full and the counts of all, the
 * last of which are written when the JVM exits (not when it is halted).
 */
public final class LoggedLeaks {
    /** A selector's flush frees all closed channels that it holds; one that is not due yet then is gone before it is a leak. */
    public static final String FREED_TOGETHER = "closed-not-released";

    private static final Set<String> RELEASED = Set.of("drained", "closed", "closed-by-application");

    private static final class Site {
        private final String kind;
        private final Set<String> reported = new HashSet<>();
        private final List<LoggedEvent> events = new ArrayList<>();
        private long found;
        private long released;

        Site(String kind) {
            this.kind = kind;
        }

        /** A socket that is tried again is reported again, but was found once. */
        void report(LoggedEvent leak) {
            if (reported.add(leak.text("local") + " " + leak.text("peer") + " " + leak.text("inode"))) {
                found++;
            }
            if (RELEASED.contains(leak.text("outcome"))) {
                released++;
            }
            events.add(leak);
        }

        void count(LoggedEvent counts) {
            found = counts.number("found");
            released = counts.number("released");
            events.add(counts);
        }
    }

    private final Map<String, Site> sites = new LinkedHashMap<>();

    private LoggedLeaks() {}

    /** Adds up what a child has logged that has ended. */
    public static LoggedLeaks of(ChildJvm child) {
        var leaks = new LoggedLeaks();
        for (var event : child.events()) {
            if (event.name().equals("leak")) {
                leaks.site(event).report(event);
            } else if (event.name().equals("counts")) {
                leaks.site(event).count(event);
            }
        }
        return leaks;
    }

    private Site site(LoggedEvent event) {
        return sites.computeIfAbsent(event.text("site"), id -> new Site(event.text("kind")));
    }

    /** Returns the kinds of leaks that were logged and are not among those that a test expects. */
    public Set<String> kindsBut(Set<String> expected) {
        var kinds = new TreeSet<String>();
        sites.values().forEach(site -> kinds.add(site.kind));
        kinds.removeAll(expected);
        return kinds;
    }

    public long found(String kind) {
        return sum(kind, site -> site.found);
    }

    public long released(String kind) {
        return sum(kind, site -> site.released);
    }

    private long sum(String kind, ToLongFunction<Site> number) {
        return sites.values().stream()
                .filter(site -> site.kind.equals(kind))
                .mapToLong(number)
                .sum();
    }

    /** Returns whether each site of the kind has an event, its counts or a report, that matches. */
    public boolean everySiteHas(String kind, EventPattern pattern) {
        return sites.values().stream()
                .filter(site -> site.kind.equals(kind))
                .allMatch(site -> site.events.stream().anyMatch(pattern::matches));
    }
}
