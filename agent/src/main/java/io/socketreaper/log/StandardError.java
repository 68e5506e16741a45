package io.socketreaper.log;

import org.slf4j.event.Level;

/** {@code System.err}, asked for anew each time, because applications replace it. */
final class StandardError implements LineWriter {
    static final String STALLED = "standard error was not read";

    private final LogFormat format;

    StandardError(LogFormat format) {
        this.format = format;
    }

    @Override
    public void write(String line) {
        System.err.println(line);
    }

    @Override
    public String line(Level level, String message) {
        return format.of(LogEntry.now(level, message));
    }

    @Override
    public String stalled() {
        return STALLED;
    }
}
