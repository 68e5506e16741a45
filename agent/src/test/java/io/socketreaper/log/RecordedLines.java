package io.socketreaper.log;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;

/** What a log writes, entry by entry, in its form. */
public final class RecordedLines {
    private final List<String> lines = new ArrayList<>();
    private final Logger logger;

    public RecordedLines(LogFormat format) {
        logger = new OutletLogger(entry -> lines.add(format.of(entry)));
    }

    public Logger logger() {
        return logger;
    }

    public List<String> lines() {
        return lines;
    }
}
