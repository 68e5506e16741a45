package io.socketreaper.config;

/** The settings of the log. {@link Settings} declares them where the documentation shows them, and has their accessors. */
final class LogSettings {
    static final Setting<LogTarget> LOG = new LogTargetName(
                    "log",
                    "Where the log goes: `stderr` as text, `json` as JSON lines on standard error, `file:PATH` and `json-file:PATH`"
                            + " to a file that is rotated (`%p` in PATH is the process id), `app` to the application's own SLF4J.")
            .fixed();
    static final Setting<Long> SIZE = Quantity.size(
                    "log.size", "10MiB", "4KiB", "1GiB", "The size at which the file of `log` is rotated.")
            .fixed();
    static final Setting<Long> FILES = Quantity.count(
                    "log.files", "5", "1", "100", "files", "How many rotated files are kept, `PATH.1` the youngest.")
            .fixed();
    static final Setting<Shown> ADDRESSES = new Choice<>(
                    "addresses",
                    "full",
                    Shown.values(),
                    "How the log names hosts: `full` by their addresses, `masked` by pseudonyms such as `host-3`, for logs"
                            + " that other companies may see.")
            .fixed();
    static final Setting<Long> INTERVAL = Quantity.duration(
            "log-interval",
            "60s",
            "1s",
            "24h",
            "How often the counts of a leak site that was already reported are repeated.");

    private LogSettings() {}

    /** Adds them to the table; called once. */
    static void declare() {
        Settings.declare(LOG);
        Settings.declare(SIZE);
        Settings.declare(FILES);
        Settings.declare(ADDRESSES);
        Settings.declare(INTERVAL);
    }
}
