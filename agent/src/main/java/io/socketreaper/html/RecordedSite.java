package io.socketreaper.html;

import static io.socketreaper.html.Recording.millis;
import static io.socketreaper.html.Recording.number;
import static io.socketreaper.html.Recording.text;

import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.Totals;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;

/** A leak site, from the events of a recording. */
final class RecordedSite {
    private final String id;
    private String kind = "";
    private String grade = "";
    private String location = "";
    private List<String> stack = List.of();
    private Totals totals = new Totals(0, 0, 0, 0, 0, 0);
    private long firstMillis;
    private long lastMillis;
    private String lastOutcome = "";
    private String report = "";

    RecordedSite(String id) {
        this.id = id;
    }

    void found(RecordedEvent event, long at) {
        about(event);
        count(1, 0, 0, 0, 0, 0);
        firstMillis = firstMillis == 0 ? at : firstMillis;
        lastMillis = at;
        report = "LEAK " + kind + " (" + grade + "), site " + id + ": local " + text(event, "local") + ", peer "
                + text(event, "peer")
                + ", fd " + number(event, "descriptor") + "\nTCP state " + text(event, "tcpState") + ", "
                + number(event, "unreadBytes") + " bytes unread, "
                + (Boolean.parseBoolean(text(event, "endOfInput"))
                        ? "the peer has closed its side"
                        : "the peer's side is open")
                + ", sign seen " + HtmlText.time(millis(event, "age")) + " ago";
    }

    private void about(RecordedEvent event) {
        kind = text(event, "kind");
        grade = text(event, "grade");
        location = text(event, "location");
        if (stack.isEmpty()) {
            stack = text(event, "codeStack").lines().toList();
        }
    }

    void outcome(RecordedEvent event, long at, String what, long bytes) {
        about(event);
        if (firstMillis == 0) {
            firstMillis = at;
            lastMillis = at;
        }
        lastOutcome = text(event, "done");
        switch (what) {
            case "drained", "closed", "closed-by-application" -> count(0, 1, 0, 0, 0, bytes);
            case "released-after-all" -> count(0, 0, 1, 0, 0, bytes);
            case "excluded" -> count(0, 0, 0, 1, 0, bytes);
            case "given-up" -> count(0, 0, 0, 0, 1, bytes);
            default -> count(0, 0, 0, 0, 0, bytes);
        }
    }

    private void count(long found, long released, long afterAll, long excluded, long givenUp, long bytes) {
        totals = sum(totals, new Totals(found, released, afterAll, excluded, givenUp, bytes));
    }

    static Totals sum(Totals a, Totals b) {
        return new Totals(
                a.found() + b.found(),
                a.released() + b.released(),
                a.releasedAfterAll() + b.releasedAfterAll(),
                a.excluded() + b.excluded(),
                a.givenUp() + b.givenUp(),
                a.drainedBytes() + b.drainedBytes());
    }

    /** What was released has been found, if only before the recording began. */
    Totals totals() {
        long least = totals.released() + totals.releasedAfterAll();
        return totals.found() >= least ? totals : sum(totals, new Totals(least - totals.found(), 0, 0, 0, 0, 0));
    }

    SiteInfo info() {
        return new SiteInfo(id, kind, grade, location, stack, totals(), firstMillis, lastMillis, lastOutcome, report);
    }
}
