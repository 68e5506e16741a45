package io.socketreaper.config;

import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.ProbeMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings that hold for this run of the agent. Immutable; durations are in milliseconds, sizes in bytes.
 *
 * <p>Each setting is declared beside its accessor and nowhere else: its checks, the spelling help, the start line and the
 * table in docs/configuration.md all come from that declaration, in the order of this file.
 */
public final class Settings {
    private static final Map<String, Setting<?>> TABLE = new LinkedHashMap<>();

    private final Map<Setting<?>, Object> values;

    private final boolean observesOnly;

    /** @param observesOnly true if every action is {@link Action#LOG}, whatever the values say */
    Settings(Map<Setting<?>, Object> values, boolean observesOnly) {
        this.values = values;
        this.observesOnly = observesOnly;
    }

    static final Setting<Action> ACTION = declare(new Choice<>(
            "action",
            "log",
            Action.values(),
            "What is done about a leaked socket: `log` reports it, `drain` reads and discards what the peer still sends"
                    + " and then closes, `close` closes at once."));

    /** Whether the agent never releases, because the settings have a problem. */
    boolean observesOnly() {
        return observesOnly;
    }

    /** What is done about a leak; {@link Action#LOG} whenever the settings have a problem. */
    public Action action() {
        return observesOnly ? Action.LOG : value(ACTION);
    }

    static final Setting<Long> TIMEOUT = declare(Quantity.duration(
            "timeout",
            "60s",
            "100ms",
            "24h",
            "How long a socket must have been without any activity before it counts as leaked."));

    /** Milliseconds without activity after which a suspect is a leak; 100ms to 24h. */
    public long timeoutMillis() {
        return value(TIMEOUT);
    }

    static final Setting<Track> TRACK = declare(
            new Choice<>(
                    "track",
                    "half-closed",
                    Track.values(),
                    "Which sockets are watched: `half-closed` those that the application has half-closed, `all` every socket from"
                            + " open to close, which finds the other kinds of leaks; at run time it can be set to `all`, and not back."));

    /** Which sockets are watched. */
    public Track track() {
        return value(TRACK);
    }

    static {
        KindSettings.declare();
    }

    private static final Setting<Long> SILENT_TIMEOUT = declare(Quantity.duration(
            "silent.timeout",
            "10m",
            "100ms",
            "24h",
            "The least timeout of a half-closed socket without unread input whose peer is still open: the peer may be a"
                    + " client that waits for its answer."));

    static {
        PeerSettings.declare();
    }

    /** What is done about a proven leak of this kind; {@link Action#LOG} whenever the settings have a problem. */
    public Action action(LeakKind kind) {
        return KindSettings.action(this, kind);
    }

    /** The same for a leak of this grade. */
    public Action action(LeakKind kind, Grade grade) {
        return KindSettings.action(this, kind, grade);
    }

    /** Whether any leak may be released. */
    public boolean releasesAny() {
        for (LeakKind kind : LeakKind.values()) {
            if (action(kind) != Action.LOG || releasesUnproven(kind)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a leak of that kind may be released that is not proven. */
    public boolean releasesUnproven(LeakKind kind) {
        return action(kind, Grade.STRONG) != Action.LOG
                || action(kind, Grade.WEAK) != Action.LOG
                || action(kind, Grade.DOUBTFUL) != Action.LOG;
    }

    /** When peers are asked whether they still know a connection. */
    public ProbeMode probe() {
        return value(PeerSettings.PROBE);
    }

    /** Milliseconds that a connection must be idle until its peer is asked; 10s to 9h, or 0 if none is asked for that. */
    public long keepaliveMillis() {
        Long idle = valueOrNull(PeerSettings.KEEPALIVE);
        return idle == null ? 0 : idle;
    }

    /** Milliseconds without activity that a half-closed socket without unread input has at least; 100ms to 24h. */
    public long silentTimeoutMillis() {
        return value(SILENT_TIMEOUT);
    }

    /** Milliseconds without activity after which a suspect of this kind and grade is a leak; 100ms to 24h. */
    public long timeoutMillis(LeakKind kind, Grade grade) {
        return KindSettings.timeoutMillis(this, kind, grade);
    }

    /** The shortest of all timeouts that can hold without pressure, milliseconds. */
    public long shortestTimeoutMillis() {
        long shortest = timeoutMillis();
        for (LeakKind kind : LeakKind.values()) {
            shortest = Math.min(shortest, timeoutMillis(kind, Grade.STRONG));
        }
        return shortest;
    }

    private static final Setting<Long> GROWING_WINDOW = declare(Quantity.duration(
            "growing.window",
            "10m",
            "10s",
            "60m",
            "How long the number of open sockets of a line of code must rise steadily until it is reported as growing; only"
                    + " with `track=all`."));

    /** Milliseconds that the open sockets of a line of code must rise in number to be reported as growing; 10s to 60m. */
    public long growingWindowMillis() {
        return value(GROWING_WINDOW);
    }

    private static final Setting<Long> PRESSURE = declare(
            Quantity.percent(
                    "pressure",
                    "90%",
                    "1%",
                    "100%",
                    "The share of the descriptor limit from which on proven and strong leaks are released after `pressure.timeout`."));

    /** Percentage of the limit of descriptors from which on there is pressure; 1 to 100. */
    public int pressurePercent() {
        return value(PRESSURE).intValue();
    }

    private static final Setting<Long> PRESSURE_TIMEOUT = declare(Quantity.duration(
            "pressure.timeout",
            "5s",
            "100ms",
            "24h",
            "The timeout of proven and strong leaks under pressure, if it is shorter than their usual one."));

    /** Milliseconds without activity after which a proven or strong suspect is a leak under pressure; 100ms to 24h. */
    public long pressureTimeoutMillis() {
        return value(PRESSURE_TIMEOUT);
    }

    private static final Setting<YesOrNo> PRESSURE_DOUBTFUL = declare(yesOrNo(
            "pressure.doubtful",
            "false",
            "Whether doubtful leaks, too, are released under pressure, by `action` and after `pressure.timeout`: a last resort"
                    + " for a process that would otherwise fail."));

    /** Whether doubtful leaks, too, are released under pressure; not if the settings have a problem. */
    public boolean pressureDoubtful() {
        return !observesOnly && isTrue(PRESSURE_DOUBTFUL);
    }

    private static final Setting<YesOrNo> PRESSURE_GC = declare(yesOrNo(
            "pressure.gc",
            "true",
            "Whether the agent may ask for a garbage collection, at most one a minute, when the process has run out of"
                    + " descriptors: it frees sockets that the application has dropped."));

    /** Whether a collection may be asked for when the process has run out of descriptors; not if the settings have a problem. */
    public boolean pressureGc() {
        return !observesOnly && isTrue(PRESSURE_GC);
    }

    private static final Setting<Long> DRAIN_BYTES = declare(Quantity.size(
            "drain-bytes",
            "2MiB",
            "0",
            "1GiB",
            "How many bytes a drain discards at most before it closes the socket."));

    /** Bytes that one drain discards at most; 0 to 1GiB. */
    public long drainBytes() {
        return value(DRAIN_BYTES);
    }

    private static final Setting<Long> DRAIN_IDLE = declare(Quantity.duration(
            "drain-idle",
            "5s",
            "10ms",
            "10m",
            "How long a drain waits for the next byte before it closes the socket."));

    /** Milliseconds that a drain waits for the next byte; 10ms to 10m. */
    public long drainIdleMillis() {
        return value(DRAIN_IDLE);
    }

    private static final Setting<Long> DRAIN_TIME = declare(Quantity.duration(
            "drain-time", "30s", "10ms", "1h", "How long a drain lasts at most, however busy the peer is."));

    /** Milliseconds that a drain lasts at most; 10ms to 1h. */
    public long drainTimeMillis() {
        return value(DRAIN_TIME);
    }

    private static final Setting<Long> PREVIEW = declare(
            Quantity.size(
                    "preview",
                    "0",
                    "0",
                    "256",
                    "How many of the discarded bytes a report shows, escaped; off by default because they can be personal data."));

    /** Bytes of discarded input that a report shows; 0 to 256. */
    public int preview() {
        return value(PREVIEW).intValue();
    }

    static final Setting<Exclusions> EXCLUDE = declare(
            new ExclusionList("exclude", "Which sockets are counted but never released, by address, port or class."));

    /** The sockets that are never released; never null. */
    public Exclusions exclude() {
        return value(EXCLUDE);
    }

    static {
        LogSettings.declare();
    }

    /** Where the log goes. */
    public LogTarget log() {
        return value(LogSettings.LOG);
    }

    /** Bytes that one file of the log holds at most; 4KiB to 1GiB. */
    public long logSize() {
        return value(LogSettings.SIZE);
    }

    /** Rotated files that are kept; 1 to 100. */
    public int logFiles() {
        return value(LogSettings.FILES).intValue();
    }

    /** Whether hosts are named by pseudonyms. */
    public boolean masksAddresses() {
        return value(LogSettings.ADDRESSES) == Shown.MASKED;
    }

    /** Milliseconds between two lines about one known leak site; 1s to 24h. */
    public long logIntervalMillis() {
        return value(LogSettings.INTERVAL);
    }

    private static final Setting<Long> STACK_DEPTH =
            declare(Quantity.count("stack-depth", "20", "1", "200", "frames", "How many stack frames a report shows."));

    /** Stack frames in one report; 1 to 200. */
    public int stackDepth() {
        return value(STACK_DEPTH).intValue();
    }

    private static final Setting<ListenAddress> METRICS = declare(
            new Listen("metrics", "The address at which Prometheus reads the agent's metrics, at `/metrics`.").fixed());

    /** Where the metrics are served; null if they are not. */
    public @Nullable ListenAddress metrics() {
        return valueOrNull(METRICS);
    }

    private static final Setting<YesOrNo> METRICS_ALLOW_REMOTE = declare(yesOrNo(
                    "metrics.allow-remote",
                    "false",
                    "Whether `metrics` may be an address that other machines can reach; there is no password.")
            .fixed());

    /** Whether the metrics may be served to other machines. */
    public boolean metricsAllowRemote() {
        return isTrue(METRICS_ALLOW_REMOTE);
    }

    private static final Setting<YesOrNo> JMX = declare(yesOrNo(
                    "jmx",
                    "true",
                    "Whether the agent registers its MBeans as soon as the platform MBean server exists; the agent never creates that server.")
            .fixed());

    /** Whether there are MBeans. */
    public boolean jmx() {
        return isTrue(JMX);
    }

    private static final Setting<YesOrNo> JFR =
            declare(yesOrNo("jfr", "true", "Whether the agent writes events into Flight Recorder's recordings.")
                    .fixed());

    /** Whether there are JFR events. */
    public boolean jfr() {
        return isTrue(JFR);
    }

    private static final Setting<ListenAddress> PAGE =
            declare(new Listen("page", "The address of the status page, for a browser.").fixed());

    /** Where the status page is served; null if it is not. */
    public @Nullable ListenAddress page() {
        return valueOrNull(PAGE);
    }

    private static final Setting<YesOrNo> PAGE_ALLOW_REMOTE = declare(yesOrNo(
                    "page.allow-remote",
                    "false",
                    "Whether `page` may be an address that other machines can reach; then reading needs the token, too.")
            .fixed());

    /** Whether the status page may be served to other machines. */
    public boolean pageAllowRemote() {
        return isTrue(PAGE_ALLOW_REMOTE);
    }

    static final Setting<String> CONFIG =
            declare(new FileName("config", "A file with more settings; the file cannot name another file.").fixed());

    /** Every setting in the order of this file. */
    static Iterable<Setting<?>> table() {
        return TABLE.values();
    }

    static Iterable<String> names() {
        return TABLE.keySet();
    }

    /** The setting of that exact name, or null. */
    static @Nullable Setting<?> named(String name) {
        return TABLE.get(name);
    }

    static <T> Setting<T> declare(Setting<T> setting) {
        TABLE.put(setting.name, setting);
        return setting;
    }

    private static Setting<YesOrNo> yesOrNo(String name, String defaultText, String doc) {
        return new Choice<>(name, defaultText, YesOrNo.values(), doc);
    }

    private boolean isTrue(Setting<YesOrNo> setting) {
        return value(setting) == YesOrNo.TRUE;
    }

    /** The value of a setting that cannot be "none". */
    <T> T value(Setting<T> setting) {
        return Objects.requireNonNull(valueOrNull(setting));
    }

    /** Null if it is "none". */
    @SuppressWarnings("unchecked") // filled with what the setting itself parsed
    <T> @Nullable T valueOrNull(@Nullable Setting<T> setting) {
        return (T) values.get(setting);
    }
}
