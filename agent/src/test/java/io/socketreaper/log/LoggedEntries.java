package io.socketreaper.log;

import java.util.ArrayList;
import java.util.List;

/** An outlet that remembers messages, as {@code LEVEL message}. */
final class LoggedEntries implements LogOutlet {
    private final List<String> entries = new ArrayList<>();

    @Override
    public synchronized void write(LogEntry entry) {
        entries.add(entry.level() + " " + entry.message());
    }

    synchronized List<String> take() {
        var taken = List.copyOf(entries);
        entries.clear();
        return taken;
    }
}
