package io.socketreaper.control;

import io.socketreaper.model.Grade;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

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
 * @param foundByGrade leaks found, by the grade that each had then; empty if the source of this record does not tell
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
        List<String> opening,
        Map<String, Long> foundByGrade) {
    @SuppressWarnings("ConstantConditions") // an agent of an earlier version sends none
    public SiteInfo {
        foundByGrade = foundByGrade == null ? Map.of() : foundByGrade;
    }

    /** One of a source that tells neither blame nor opening, and does not count by grade. */
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
        this(
                id,
                kind,
                grade,
                location,
                stack,
                totals,
                firstMillis,
                lastMillis,
                lastOutcome,
                report,
                "",
                "",
                List.of(),
                Map.of());
    }

    /** The grade of its leaks, with counts if there are several: {@code strong 20, weak 10}. */
    public String grades() {
        var counts = new StringJoiner(", ");
        int several = 0;
        for (Grade each : Grade.values()) {
            long found = foundByGrade.getOrDefault(each.toString(), 0L);
            if (found > 0) {
                counts.add(each + " " + found);
                several++;
            }
        }
        return several > 1 ? counts.toString() : grade;
    }
}
