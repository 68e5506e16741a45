package io.socketreaper.log;

import java.io.Flushable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * One line (or block of lines) on standard error: UTC time, level, {@code [socket-reaper]}, message. INFO and above. The
 * caller makes the line and a thread of the log's own writes it.
 */
public final class StderrLogger extends LegacyAbstractLogger implements Flushable, AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final long MILLIS_A_DAY = 86_400_000L;

    private final transient LogThread thread;

    /** @param threads makes the one thread that writes, with the first line */
    public StderrLogger(String name, ThreadFactory threads) {
        this.name = name;
        this.thread = new LogThread(new TextLines(), threads);
    }

    /** Waits for lines that are not written yet, half a second at most. */
    @Override
    public void flush() {
        thread.flush(LogThread.PATIENCE);
    }

    /** Ends the thread; throws if a write keeps it from ending. */
    @Override
    public void close() throws IOException {
        thread.close();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
        thread.write(text(System.currentTimeMillis(), level, message(pattern, arguments), thrown));
    }

    static String message(String pattern, Object[] arguments) {
        return arguments == null ? pattern : MessageFormatter.basicArrayFormat(pattern, arguments);
    }

    /** The form of a line or block, also in other places than standard error. */
    static String text(long epochMillis, Level level, String message, @Nullable Throwable thrown) {
        var text = new StringBuilder(message.length() + 64);
        appendUtc(text, epochMillis);
        text.append(' ')
                .append(level)
                .append(level == Level.WARN || level == Level.INFO ? "  " : " ")
                .append("[socket-reaper] ")
                .append(message);
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

    /** Like {@link StandardError} with text, without the classes that other logs need. */
    private static final class TextLines implements LineWriter {
        @Override
        public void write(String line) {
            System.err.println(line);
        }

        @Override
        public String line(Level level, String message) {
            return text(System.currentTimeMillis(), level, message, null);
        }

        @Override
        public String stalled() {
            return StandardError.STALLED;
        }
    }
}
