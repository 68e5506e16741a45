package io.socketreaper.log;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.event.Level;

/** Text lines that are remembered, as {@code LEVEL message}. */
final class LoggedLines implements LineWriter {
    private final List<String> lines = new ArrayList<>();

    @Override
    public synchronized void write(String line) {
        lines.add(line.replaceFirst("^\\S+Z (\\w+) +\\[socket-reaper] ", "$1 "));
    }

    @Override
    public String line(Level level, String message) {
        return LogFormat.TEXT.of(LogEntry.now(level, message));
    }

    @Override
    public String stalled() {
        return "nobody reads these";
    }

    synchronized List<String> take() {
        var taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }
}
