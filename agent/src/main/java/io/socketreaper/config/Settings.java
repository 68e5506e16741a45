package io.socketreaper.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings that hold for this run of the agent. Immutable; durations are in milliseconds, sizes in bytes.
 *
 * <p>Each setting is declared beside its accessor and nowhere else: its checks, the spelling help, the start line and the
 * table in docs/configuration.md all come from that declaration, in the order of this file.
 */
public final class Settings {
    private static final Map<String, Setting<?>> TABLE = new LinkedHashMap<>();

    private final Map<Setting<?>, Object> values;

    Settings(Map<Setting<?>, Object> values) {
        this.values = values;
    }

    static final Setting<Action> ACTION = declare(new Choice<>("action", "log", Action.values(),
            "What is done about a leaked socket: `log` reports it, `drain` reads and discards what the peer still sends"
                    + " and then closes, `close` closes at once."));

    /** What is done about a leak; {@link Action#LOG} whenever the settings have a problem. */
    public Action action() {
        return value(ACTION);
    }

    private static final Setting<Long> TIMEOUT = declare(Quantity.duration("timeout", "60s", "100ms", "24h",
            "How long a socket must have been without any activity before it counts as leaked."));

    /** Milliseconds without activity after which a suspect is a leak; 100ms to 24h. */
    public long timeoutMillis() {
        return value(TIMEOUT);
    }

    private static final Setting<Long> DRAIN_BYTES = declare(Quantity.size("drain-bytes", "2MiB", "0", "1GiB",
            "How many bytes a drain discards at most before it closes the socket."));

    /** Bytes that one drain discards at most; 0 to 1GiB. */
    public long drainBytes() {
        return value(DRAIN_BYTES);
    }

    private static final Setting<Long> DRAIN_IDLE = declare(Quantity.duration("drain-idle", "5s", "10ms", "10m",
            "How long a drain waits for the next byte before it closes the socket."));

    /** Milliseconds that a drain waits for the next byte; 10ms to 10m. */
    public long drainIdleMillis() {
        return value(DRAIN_IDLE);
    }

    private static final Setting<Long> DRAIN_TIME = declare(Quantity.duration("drain-time", "30s", "10ms", "1h",
            "How long a drain lasts at most, however busy the peer is."));

    /** Milliseconds that a drain lasts at most; 10ms to 1h. */
    public long drainTimeMillis() {
        return value(DRAIN_TIME);
    }

    private static final Setting<Long> PREVIEW = declare(Quantity.size("preview", "0", "0", "256",
            "How many of the discarded bytes a report shows, escaped; off by default because they can be personal data."));

    /** Bytes of discarded input that a report shows; 0 to 256. */
    public int preview() {
        return value(PREVIEW).intValue();
    }

    private static final Setting<Exclusions> EXCLUDE = declare(new ExclusionList("exclude",
            "Which sockets are counted but never released, by address, port or class."));

    /** The sockets that are never released; never null. */
    public Exclusions exclude() {
        return value(EXCLUDE);
    }

    private static final Setting<Long> LOG_INTERVAL = declare(Quantity.duration("log-interval", "60s", "1s", "24h",
            "How often the counts of a leak site that was already reported are repeated."));

    /** Milliseconds between two lines about one known leak site; 1s to 24h. */
    public long logIntervalMillis() {
        return value(LOG_INTERVAL);
    }

    private static final Setting<Long> STACK_DEPTH = declare(Quantity.count("stack-depth", "20", "1", "200", "frames",
            "How many stack frames a report shows."));

    /** Stack frames in one report; 1 to 200. */
    public int stackDepth() {
        return value(STACK_DEPTH).intValue();
    }

    static final Setting<String> CONFIG = declare(new FileName("config",
            "A file with more settings; cannot be set in that file."));

    /** The file that the settings were read from, as the operator wrote it; null if none was named. */
    public String config() {
        return value(CONFIG);
    }

    /** What holds when nobody sets anything. */
    public static Settings defaults() {
        var values = new HashMap<Setting<?>, Object>();
        for (var setting : table()) {
            values.put(setting, setting.parse(setting.defaultText));
        }
        return new Settings(values);
    }

    /** Every setting in the order of this file. */
    static Iterable<Setting<?>> table() {
        return TABLE.values();
    }

    /** The names of {@link #table()}. */
    static Iterable<String> names() {
        return TABLE.keySet();
    }

    /** The setting of that exact name, or null. */
    static Setting<?> named(String name) {
        return TABLE.get(name);
    }

    private static <T> Setting<T> declare(Setting<T> setting) {
        TABLE.put(setting.name, setting);
        return setting;
    }

    @SuppressWarnings("unchecked") // filled with what the setting itself parsed
    private <T> T value(Setting<T> setting) {
        return (T) values.get(setting);
    }
}
