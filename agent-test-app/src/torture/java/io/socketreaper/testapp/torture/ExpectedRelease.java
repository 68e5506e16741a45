package io.socketreaper.testapp.torture;

/** The settings under which a leak must be released by the end. Any other leak may be released, too. */
enum ExpectedRelease {
    /** It is no leak, or the result is not predictable: the peer's answer to a probe depends on the kernel. */
    NEVER,
    /** Whatever the settings are: the JDK closes it once its object is collected. */
    BY_THE_JDK,
    BY_ACTION,
    BY_ACTION_IF_ALL_ARE_TRACKED,
    /** The peer is open and silent. */
    BY_ACTION_IF_SILENT_IS_SHORT,
    BY_DOUBTFUL,
    BY_DOUBTFUL_IF_ALL_ARE_TRACKED;

    boolean under(Conditions conditions) {
        return switch (this) {
            case NEVER -> false;
            case BY_THE_JDK -> true;
            case BY_ACTION -> conditions.releases();
            case BY_ACTION_IF_ALL_ARE_TRACKED -> conditions.releases() && conditions.tracksAll();
            case BY_ACTION_IF_SILENT_IS_SHORT -> conditions.releases() && conditions.silent() <= conditions.timeout();
            // With action=log the peer is not asked, and a leak that would be doubtful by its answer stays weak.
            case BY_DOUBTFUL -> conditions.releases() && conditions.releasesDoubtful();
            case BY_DOUBTFUL_IF_ALL_ARE_TRACKED ->
                conditions.releases() && conditions.releasesDoubtful() && conditions.tracksAll();
        };
    }
}
