package io.socketreaper.html;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Figures as people read them, and words of others made harmless to the eye; escaping is the tags' business. */
final class HtmlText {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final long SECOND = 1000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private HtmlText() {}

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** "1 socket", "2 sockets". */
    static String count(long number, String noun) {
        return number(number) + " " + noun + (number == 1 ? "" : "s");
    }

    static String time(long millis) {
        if (millis < SECOND) {
            return Math.max(0, millis) + " ms";
        }
        if (millis < 2 * MINUTE) {
            return String.format(Locale.ROOT, "%.1f s", millis / (double) SECOND);
        }
        if (millis < 2 * HOUR) {
            return millis / MINUTE + " min";
        }
        return millis < 2 * DAY ? millis / HOUR + " h" : millis / DAY + " days";
    }

    /** In UTC, because whoever reads it may sit elsewhere. */
    static String moment(long millis) {
        return millis <= 0 ? "-" : MOMENT.format(Instant.ofEpochMilli(millis)) + " UTC";
    }

    /** The time of the day alone. */
    static String clock(long millis) {
        return CLOCK.format(Instant.ofEpochMilli(millis)) + " UTC";
    }

    static String percent(long part, long whole) {
        return whole <= 0
                ? "-"
                : String.format(Locale.ROOT, part * 1000 / whole < 100 ? "%.1f %%" : "%.0f %%", 100.0 * part / whole);
    }

    /** Control characters and those that turn the direction of writing are shown as what they are: not text. */
    static String printable(String text) {
        var printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> printable.appendCodePoint(isHarmless(c) ? c : 0xFFFD));
        return printable.toString();
    }

    private static boolean isHarmless(int c) {
        return c == '\n'
                || c == '\t'
                || switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> false;
                    default -> true;
                };
    }

    static String kind(String kind) {
        return switch (kind) {
            case "half-closed" -> "the application shut its output, stopped reading and never closed the socket";
            case "peer-closed" -> "the peer has closed its side and the application has forgotten the socket";
            case "closed-not-released" -> "the application closed the channel, and its descriptor lives on";
            case "unreachable" -> "the application dropped the object without closing it";
            case "never-connected" -> "opened, and neither connected nor bound";
            default -> "";
        };
    }
}
