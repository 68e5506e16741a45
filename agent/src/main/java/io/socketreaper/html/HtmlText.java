package io.socketreaper.html;

import io.socketreaper.model.LeakKind;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and dates as the pages show them. */
final class HtmlText {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private HtmlText() {}

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** "1 socket", "2 sockets". */
    static String count(long number, String noun) {
        return number(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /** In UTC, because the reader may be in another time zone. */
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

    /** What has happened to a socket of that kind; empty for a kind of another version. */
    static String kind(String word) {
        LeakKind kind = LeakKind.named(word);
        return kind == null
                ? ""
                : switch (kind) {
                    case HALF_CLOSED -> "the application shut its output, stopped reading and never closed the socket";
                    case PEER_CLOSED -> "the peer has closed its side and the application has forgotten the socket";
                    case WINDOW_FULL -> "the peer has filled the receive window, and the application does not read";
                    case CLOSED_NOT_RELEASED -> "the application closed the channel, and its descriptor lives on";
                    case UNREACHABLE -> "the application dropped the object without closing it";
                    case NEVER_CONNECTED -> "opened, and neither connected nor bound";
                };
    }
}
