package io.socketreaper.html;

import static io.socketreaper.html.Recording.millis;
import static io.socketreaper.html.Recording.number;
import static io.socketreaper.html.Recording.text;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Totals;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.text.HumanText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import org.jspecify.annotations.Nullable;

/** A leak site, from the events of a recording. */
final class RecordedSite {
    private final String id;
    private String kind = "";
    private String grade = "";
    private String location = "";
    private List<String> stack = List.of();
    private Totals totals = Totals.NONE;
    private long firstMillis;
    private long lastMillis;
    private String lastOutcome = "";
    private String report = "";
    private String blame = "";
    private String openedAt = "";
    private List<String> opening = List.of();
    private final Map<String, Long> foundByGrade = new HashMap<>();

    RecordedSite(String id) {
        this.id = id;
    }

    void found(RecordedEvent event, long at) {
        describe(event);
        totals = totals.plus(new Totals(1, 0, 0, 0, 0, 0));
        foundByGrade.merge(grade, 1L, Long::sum);
        if (blame.isEmpty()) {
            blame = text(event, "blame");
        }
        if (opening.isEmpty()) {
            opening = text(event, "openingStack").lines().toList();
            openedAt = text(event, "openedAt");
        }
        firstMillis = firstMillis == 0 ? at : firstMillis;
        lastMillis = at;
        report = "LEAK " + kind + " (" + grade + "), site " + id + ": local " + text(event, "local") + ", peer "
                + text(event, "peer")
                + ", fd " + number(event, "descriptor") + "\nTCP state " + text(event, "tcpState") + ", "
                + number(event, "unreadBytes") + " bytes unread, "
                + (Boolean.parseBoolean(text(event, "endOfInput"))
                        ? "the peer has closed its side"
                        : "the peer's side is open")
                + ", sign seen " + HumanText.duration(millis(event, "age")) + " ago";
    }

    private void describe(RecordedEvent event) {
        kind = text(event, "kind");
        grade = text(event, "grade");
        location = text(event, "location");
        if (stack.isEmpty()) {
            stack = text(event, "codeStack").lines().toList();
        }
    }

    void outcome(RecordedEvent event, long at, String what, long bytes) {
        describe(event);
        if (firstMillis == 0) {
            firstMillis = at;
            lastMillis = at;
        }
        lastOutcome = text(event, "done");
        totals = totals.plus(totals(OutcomeName.named(what), bytes));
    }

    /** What an outcome adds to the counts. */
    private static Totals totals(@Nullable OutcomeName name, long bytes) {
        boolean released = name != null && name.isReleased();
        return new Totals(
                0,
                released ? 1 : 0,
                name == OutcomeName.RELEASED_AFTER_ALL ? 1 : 0,
                name == OutcomeName.EXCLUDED ? 1 : 0,
                name == OutcomeName.GIVEN_UP ? 1 : 0,
                bytes);
    }

    /** What was released has been found, if only before the recording began. */
    Totals totals() {
        long least = totals.released() + totals.releasedAfterAll();
        return totals.found() >= least ? totals : totals.plus(new Totals(least - totals.found(), 0, 0, 0, 0, 0));
    }

    SiteInfo info() {
        return new SiteInfo(
                id,
                kind,
                grade,
                location,
                stack,
                totals(),
                firstMillis,
                lastMillis,
                lastOutcome,
                report,
                blame,
                openedAt,
                opening,
                Map.copyOf(foundByGrade));
    }
}
