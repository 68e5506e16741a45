package io.socketreaper.control;

import java.util.List;

/**
 * One leak site.
 *
 * @param id          eight hex digits, the same in every run of the same code
 * @param kind        kind of leak
 * @param grade       of its last leak: proven, strong, weak or doubtful
 * @param location    the line of code to blame, {@code Class.method(File:line)}
 * @param stack       of its first leak, innermost frame first
 * @param totals      counts
 * @param firstMillis when its first leak was found, milliseconds since 1970
 * @param lastMillis  when its last leak was found, the same
 * @param lastOutcome what was done about the last, in words
 * @param report      the last report in full
 */
public record SiteInfo(
        String id,
        String kind,
        String grade,
        String location,
        List<String> stack,
        Totals totals,
        long firstMillis,
        long lastMillis,
        String lastOutcome,
        String report) {}
