package io.socketreaper.testapp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * What the agent in a child JVM has told about leaks, added up by kind: of each site some reports in full and the counts of all, the
 * last of which are written when the JVM exits (not when it is halted).
 */
final class Told {
    private static final Pattern LEAK = Pattern.compile("LEAK (\\S+) \\(\\w+\\), site (\\w+): .*");
    private static final Pattern COUNTS =
            Pattern.compile("leak site (\\w+) \\((\\S+)\\) at .*: count=(\\d+) released=(\\d+) .*");
    private static final String RELEASED = "; the descriptor is gone";

    private static final class Site {
        private final String kind;
        private final Set<String> reported = new HashSet<>();
        private final List<String> lines = new ArrayList<>();
        private long found;
        private long released;

        Site(String kind) {
            this.kind = kind;
        }

        /** A socket that is tried again is reported again, but was found once. */
        void report(String socket) {
            if (reported.add(socket)) {
                found++;
            }
        }

        void counts(long found, long released) {
            this.found = found;
            this.released = released;
        }
    }

    private final Map<String, Site> sites = new LinkedHashMap<>();

    private Told() {}

    /** By a child that has ended. */
    static Told by(ChildJvm child) {
        var told = new Told();
        Site reported = null;
        for (var line : child.err()) {
            var leak = LEAK.matcher(line);
            var counts = COUNTS.matcher(line);
            if (leak.find()) {
                reported = told.site(leak.group(2), leak.group(1));
                reported.report(leak.group());
            } else if (counts.find()) {
                reported = told.site(counts.group(1), counts.group(2));
                reported.counts(Long.parseLong(counts.group(3)), Long.parseLong(counts.group(4)));
            } else if (!line.startsWith("    ")) {
                reported = null;
            } else if (reported != null && line.contains(RELEASED)) {
                reported.released++;
            }
            if (reported != null) {
                reported.lines.add(line);
            }
        }
        return told;
    }

    private Site site(String id, String kind) {
        return sites.computeIfAbsent(id, id2 -> new Site(kind));
    }

    /** Those that it has told of though nobody expects it. */
    Set<String> kindsBut(Set<String> expected) {
        var kinds = new TreeSet<String>();
        sites.values().forEach(site -> kinds.add(site.kind));
        kinds.removeAll(expected);
        return kinds;
    }

    long found(String kind) {
        return sum(kind, site -> site.found);
    }

    long released(String kind) {
        return sum(kind, site -> site.released);
    }

    private long sum(String kind, ToLongFunction<Site> number) {
        return sites.values().stream()
                .filter(site -> site.kind.equals(kind))
                .mapToLong(number)
                .sum();
    }

    /** Something that was told of a site matches, and so for every site of the kind. */
    boolean ofEverySite(String kind, String regex) {
        var pattern = Pattern.compile(regex);
        return sites.values().stream()
                .filter(site -> site.kind.equals(kind))
                .allMatch(site -> site.lines.stream()
                        .anyMatch(line -> pattern.matcher(line).find()));
    }
}
