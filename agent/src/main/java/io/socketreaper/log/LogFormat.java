package io.socketreaper.log;

/** The form of an entry. */
public enum LogFormat {
    /** A line for people, or a block of indented ones. */
    TEXT,
    /** One JSON object on one line. */
    JSON;

    /** Without a line break at the end. */
    String of(LogEntry entry) {
        return this == JSON
                ? JsonLines.of(entry)
                : StderrLogger.text(entry.millis(), entry.level(), entry.message(), entry.thrown());
    }
}
