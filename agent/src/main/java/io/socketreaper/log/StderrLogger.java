package io.socketreaper.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * One line (or block of lines) on standard error: UTC time, level, {@code [socket-reaper]}, message. INFO and above.
 *
 * <p>{@code System.err} is asked for anew each time, because applications replace it.
 */
public final class StderrLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;
    private static final long MILLIS_A_DAY = 86_400_000L;

    public StderrLogger(String name) {
        this.name = name;
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(Level level, Marker marker, String pattern, Object[] arguments,
                                               Throwable thrown) {
        System.err.println(text(System.currentTimeMillis(), level, message(pattern, arguments), thrown));
    }

    static String message(String pattern, Object[] arguments) {
        return arguments == null ? pattern : MessageFormatter.basicArrayFormat(pattern, arguments);
    }

    /** The form of a line or block, also in other places than standard error. */
    static String text(long epochMillis, Level level, String message, Throwable thrown) {
        var text = new StringBuilder(message.length() + 64);
        appendUtc(text, epochMillis);
        text.append(' ').append(level).append(level == Level.WARN || level == Level.INFO ? "  " : " ")
                .append("[socket-reaper] ").append(message);
        if (thrown != null) {
            var trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace, true));
            text.append(System.lineSeparator()).append(trace);
        }
        return text.toString();
    }

    /**
     * ISO 8601 to the millisecond. Not java.time: loading it costs some ten milliseconds of JVM start. The date is Howard
     * Hinnant's {@code civil_from_days} for days since 1970-01-01.
     */
    static void appendUtc(StringBuilder text, long epochMillis) {
        long days = Math.floorDiv(epochMillis, MILLIS_A_DAY);
        int millis = (int) Math.floorMod(epochMillis, MILLIS_A_DAY);
        long z = days + 719_468;
        long era = Math.floorDiv(z, 146_097);
        long dayOfEra = z - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long shifted = (5 * dayOfYear + 2) / 153;
        long month = shifted < 10 ? shifted + 3 : shifted - 9;
        long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        append(text, year, 4).append('-');
        append(text, month, 2).append('-');
        append(text, dayOfYear - (153 * shifted + 2) / 5 + 1, 2).append('T');
        append(text, millis / 3_600_000, 2).append(':');
        append(text, millis / 60_000 % 60, 2).append(':');
        append(text, millis / 1000 % 60, 2).append('.');
        append(text, millis % 1000, 3).append('Z');
    }

    private static StringBuilder append(StringBuilder text, long number, int digits) {
        String plain = Long.toString(number);
        for (int i = plain.length(); i < digits; i++) {
            text.append('0');
        }
        return text.append(plain);
    }

    @Override
    public boolean isTraceEnabled() {
        return false;
    }

    @Override
    public boolean isDebugEnabled() {
        return false;
    }

    @Override
    public boolean isInfoEnabled() {
        return true;
    }

    @Override
    public boolean isWarnEnabled() {
        return true;
    }

    @Override
    public boolean isErrorEnabled() {
        return true;
    }
}
