package io.socketreaper.control;

import java.util.List;

/**
 * One leak site.
 *
 * @param id          eight hex digits, the same in every run of the same code
 * @param kind        kind of leak
 * @param grade       of its last leak: proven, strong, weak or doubtful
 * @param location    the line of code to blame, {@code Class.method(File:line)}
 * @param stack       of its first leak, innermost frame first: that of the line to blame, else of the half-close or opening
 * @param totals      counts
 * @param firstMillis when its first leak was found, milliseconds since 1970
 * @param lastMillis  when its last leak was found, the same
 * @param lastOutcome what was done about the last, in words
 * @param report      the last report in full
 * @param blame       what the line to blame has done: {@code end-of-input}, {@code half-close}, {@code last-read}, {@code last-write},
 *                    {@code opening}, {@code none}; empty if the source of this record does not tell
 * @param openedAt    the line that opened its first leak, {@code Class.method(File:line)}; empty if it is not known
 * @param opening     the stack in which its first leak was opened, innermost frame first; empty if it is not known
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
        String report,
        String blame,
        String openedAt,
        List<String> opening) {
    /** One of a source that tells neither blame nor opening. */
    public SiteInfo(
            String id,
            String kind,
            String grade,
            String location,
            List<String> stack,
            Totals totals,
            long firstMillis,
            long lastMillis,
            String lastOutcome,
            String report) {
        this(id, kind, grade, location, stack, totals, firstMillis, lastMillis, lastOutcome, report, "", "", List.of());
    }
}
