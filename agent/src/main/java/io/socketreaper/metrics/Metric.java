package io.socketreaper.metrics;

import java.util.List;

/** Every metric there is, in the order of a scrape; docs/metrics.md is made of it. */
enum Metric {
    INFO("socketreaper_info", Type.INFO, "", "The agent: always 1.", "version", "track", "action"),
    START("socketreaper_start_time_seconds", Type.GAUGE, "seconds", "When the agent was loaded, since 1970."),
    PAUSED(
            "socketreaper_paused",
            Type.GAUGE,
            "",
            "1 while the agent is paused and neither finds nor releases leaks, else 0."),
    OBSERVES_ONLY(
            "socketreaper_observes_only",
            Type.GAUGE,
            "",
            "1 if the agent only observes because of bad settings, else 0."),
    INTERNAL_ERRORS(
            "socketreaper_internal_errors_total", Type.COUNTER, "", "Errors inside the agent; its log has the first."),
    STACK_OFF(
            "socketreaper_stack_off",
            Type.GAUGE,
            "",
            "1 if the sockets of a stack cannot be watched in this JVM (the log says why), else 0.",
            "stack"),
    OPEN("socketreaper_descriptors_open", Type.GAUGE, "", "Open descriptors of the process; absent if unknown."),
    LIMIT(
            "socketreaper_descriptors_limit",
            Type.GAUGE,
            "",
            "How many may be open; absent if there is no limit or it is unknown."),
    DESCRIPTORS(
            "socketreaper_descriptors",
            Type.GAUGE,
            "",
            "Open descriptors by kind. `finished` are sockets that are in no TCP table"
                    + " any more and still held; `untracked` are the finished ones that the agent does not watch: they are part of"
                    + " `finished`, so do not add the two. In the same way `unwatched_close_wait` is part of `close_wait`,"
                    + " and `unwatched_fin_wait` of `fin_wait`. A socket counts as not watched from the second look on, a second or more after the first.",
            "kind"),
    PRESSURE(
            "socketreaper_pressure",
            Type.GAUGE,
            "",
            "1 while few descriptors are left and the agent has shortened its timeouts, else 0."),
    OPEN_SOCKETS(
            "socketreaper_open_sockets",
            Type.GAUGE,
            "",
            "Open sockets by the line of code that opened them and by TCP state, with `track=all`; also selectors, datagram"
                    + " sockets, pipes and event loops, with a word as state: docs/open.md lists them. The 20 sites with the most have"
                    + " series of their own, the others are summed as `other`.",
            "site",
            "state",
            "location"),
    GROWING_SITES(
            "socketreaper_growing_sites",
            Type.GAUGE,
            "",
            "Lines of code whose open sockets, selectors or the like pile up, with `track=all`."),
    SUSPECTS("socketreaper_suspects", Type.GAUGE, "", "Sockets that show a sign of a leak, leaks included."),
    RELEASING("socketreaper_releasing", Type.GAUGE, "", "Sockets that are being released."),
    FOUND("socketreaper_leaks_found_total", Type.COUNTER, "", "Leaks found, with every outcome.", "kind", "grade"),
    HELD("socketreaper_leaks_held", Type.GAUGE, "", "Leaks that still hold their descriptor.", "kind"),
    RELEASED(
            "socketreaper_sockets_released_total",
            Type.COUNTER,
            "",
            "Leaks that the agent has released, by outcome: `drained`,"
                    + " `closed`, or `closed-by-application` if that came first.",
            "kind",
            "action"),
    AFTER_ALL(
            "socketreaper_leaks_released_after_all_total",
            Type.COUNTER,
            "",
            "Leaks that the application has closed or used again by itself.",
            "kind"),
    DRY_RUN_REPORTED(
            "socketreaper_dry_run_reported_total",
            Type.COUNTER,
            "",
            "Leaks that were reported and not released, because the action is `log`.",
            "grade"),
    DRY_RUN_CAME_BACK(
            "socketreaper_dry_run_came_back_total",
            Type.COUNTER,
            "",
            "Of these: those that the application has `used` again, or `closed`, later: a release would have taken them from it.",
            "grade",
            "how"),
    DRY_RUN_LONGEST(
            "socketreaper_dry_run_longest_idle_seconds",
            Type.GAUGE,
            "seconds",
            "The longest time for which one of these was idle until the application came back for it; 0 if it never has.",
            "grade"),
    EXCLUDED(
            "socketreaper_leaks_excluded_total",
            Type.COUNTER,
            "",
            "Leaks that were not touched because of an exclusion.",
            "kind"),
    GIVEN_UP(
            "socketreaper_releases_given_up_total",
            Type.COUNTER,
            "",
            "Leaks that the agent stopped trying to release; their descriptors are still held.",
            "kind"),
    DRAINED("socketreaper_drained_bytes_total", Type.COUNTER, "bytes", "Bytes that were read and discarded."),
    DURATION(
            "socketreaper_release_duration_seconds",
            Type.HISTOGRAM,
            "seconds",
            "How long releases took, from the claim until the descriptor was gone."),
    SITE_FOUND(
            "socketreaper_leak_site_found_total",
            Type.COUNTER,
            "",
            "Leaks found at one line of code. The first 50 sites have series of"
                    + " their own, later ones are summed as `other`.",
            "site",
            "kind",
            "location"),
    SITE_HELD(
            "socketreaper_leak_site_held",
            Type.GAUGE,
            "",
            "Leaks of the same sites that still hold their descriptor.",
            "site",
            "kind",
            "location");

    enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM,
        INFO
    }

    private final String fullName;
    private final Type type;
    private final String unit;
    private final String help;
    private final List<String> labels;

    Metric(String fullName, Type type, String unit, String help, String... labels) {
        this.fullName = fullName;
        this.type = type;
        this.unit = unit;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** The name of its series, for a histogram without the suffixes of its parts. */
    String fullName() {
        return fullName;
    }

    /** The name that the Prometheus client wants, which adds a suffix by type. */
    String baseName() {
        return switch (type) {
            case COUNTER -> fullName.substring(0, fullName.length() - "_total".length());
            case INFO -> fullName.substring(0, fullName.length() - "_info".length());
            case GAUGE, HISTOGRAM -> fullName;
        };
    }

    Type type() {
        return type;
    }

    /** Empty if it counts. */
    String unit() {
        return unit;
    }

    /** A sentence. */
    String help() {
        return help;
    }

    List<String> labels() {
        return labels;
    }
}
