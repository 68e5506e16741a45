package io.socketreaper.html;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.History;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.Status;
import io.socketreaper.control.Totals;
import io.socketreaper.model.DescriptorKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * The agent's events in a recording of the Flight Recorder, put together again to what the agent would have said. Read by field name, so
 * that recordings of other versions are read as far as they go.
 */
public final class Recording {
    private static final String OURS = "io.socketreaper.";
    /** As many as a running agent keeps. */
    private static final int MOST_RELEASES = 500;

    private final Map<String, RecordedSite> sites = new LinkedHashMap<>();
    private final Map<String, SettingValue> settings = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<History.Sample> samples = new ArrayList<>();
    private final List<History.Event> releases = new ArrayList<>();
    private final Map<String, Integer> descriptors = new LinkedHashMap<>();
    private Totals counted = Totals.NONE;
    private long first = Long.MAX_VALUE;
    private long last;
    private long pid;
    private int open = -1;
    private long limit = -1;
    private int suspects;
    private int releasing;
    private boolean pressed;
    private ProcessInfo process = ProcessInfo.UNKNOWN;

    private Recording() {}

    /**
     * Reads a recording.
     *
     * @throws IOException if it is none, or has no event of the agent's
     */
    public static ReportModel read(Path file) throws IOException {
        var events = new ArrayList<RecordedEvent>();
        var recording = new Recording();
        try (var in = new RecordingFile(file)) {
            while (in.hasMoreEvents()) {
                RecordedEvent event = in.readEvent();
                String name = event.getEventType().getName();
                if (name.startsWith(OURS)) {
                    events.add(event);
                } else if (name.equals("jdk.JVMInformation") || name.equals("jdk.OSInformation")) {
                    recording.environment(event);
                }
            }
        } catch (IndexOutOfBoundsException
                | IllegalArgumentException
                | IllegalStateException
                | NullPointerException broken) {
            // what the parser does not check
            throw new IOException("it is damaged or cut off: " + broken, broken);
        }
        if (events.isEmpty()) {
            throw new IOException(
                    "it has no event of Socket Reaper's; was the agent in that JVM, and not switched off with jfr=false?");
        }
        events.sort(Comparator.comparing(RecordedEvent::getStartTime));
        events.forEach(recording::take);
        return recording.model(file);
    }

    private void take(RecordedEvent event) {
        long at = event.getStartTime().toEpochMilli();
        first = Math.min(first, at);
        last = Math.max(last, at);
        switch (event.getEventType().getName().substring(OURS.length())) {
            case "Census" -> census(event, at);
            case "Leak" -> {
                site(event).found(event, at);
                descriptors(event);
            }
            case "Release" -> release(event, at);
            case "Pressure" -> {
                pressed = text(event, "state").equals("begun")
                        || text(event, "state").equals("exhausted");
                descriptors(event);
            }
            case "Settings" ->
                settings.put(
                        text(event, "name"),
                        new SettingValue(text(event, "name"), text(event, "value"), text(event, "origin"), false));
            default -> {
                // a suspect is counted in the census; what later versions add is not known here
            }
        }
    }

    private RecordedSite site(RecordedEvent event) {
        return sites.computeIfAbsent(text(event, "site"), RecordedSite::new);
    }

    /** A short recording may have no census. */
    private void descriptors(RecordedEvent event) {
        if (samples.isEmpty() && number(event, "openDescriptors") >= 0) {
            open = (int) number(event, "openDescriptors");
            limit = number(event, "descriptorLimit");
        }
    }

    private void census(RecordedEvent event, long at) {
        open = (int) number(event, "openDescriptors");
        limit = number(event, "descriptorLimit");
        suspects = (int) number(event, "suspects");
        releasing = (int) number(event, "releasing");
        for (DescriptorKind kind : DescriptorKind.values()) {
            descriptors.put(kind.toString(), (int) Math.max(0, number(event, field(kind))));
        }
        counted = new Totals(
                number(event, "found"),
                number(event, "released"),
                Math.max(0, number(event, "releasedAfterAll")),
                0,
                0,
                Math.max(0, number(event, "drainedBytes")));
        samples.add(new History.Sample(at, open, limit, suspects, counted.found(), counted.released()));
    }

    private void release(RecordedEvent event, long at) {
        String what = text(event, "outcome");
        long bytes = Math.max(0, number(event, "drainedBytes"));
        site(event).outcome(event, at, what, bytes);
        if (releases.size() == MOST_RELEASES) {
            releases.remove(0);
        }
        releases.add(new History.Event(
                at,
                text(event, "site"),
                text(event, "kind"),
                text(event, "grade"),
                text(event, "local"),
                text(event, "peer"),
                (int) number(event, "descriptor"),
                what,
                text(event, "done"),
                text(event, "peerOutcome"),
                bytes,
                millis(event, "took")));
    }

    private void environment(RecordedEvent event) {
        if (event.hasField("pid")) {
            pid = number(event, "pid");
        }
        put("Process", pid > 0 ? Long.toString(pid) : "");
        // Only the first word: arguments can be secrets.
        put("Program", text(event, "javaArguments").split(" ")[0]);
        put("JVM", text(event, "jvmName"));
        if (event.hasField("jvmName")) {
            process = new ProcessInfo(
                    ProcessInfo.program(text(event, "javaArguments")),
                    "",
                    text(event, "jvmName"),
                    event.hasField("jvmStartTime")
                            ? event.getInstant("jvmStartTime").toEpochMilli()
                            : 0);
        }
        put("JVM version", text(event, "jvmVersion").lines().findFirst().orElse(""));
        put(
                "System",
                text(event, "osVersion")
                        .lines()
                        .filter(line -> !line.isBlank())
                        .findFirst()
                        .orElse(""));
    }

    private void put(String name, String value) {
        if (!value.isEmpty()) {
            environment.put(name, value);
        }
    }

    private ReportModel model(Path file) {
        Totals total = Totals.NONE;
        for (RecordedSite site : sites.values()) {
            total = total.plus(site.totals());
        }
        // The census counts from the agent's start, the events from the recording's.
        if (counted.found() > total.found()) {
            total = new Totals(
                    counted.found(),
                    Math.max(counted.released(), total.released()),
                    Math.max(counted.releasedAfterAll(), total.releasedAfterAll()),
                    total.excluded(),
                    total.givenUp(),
                    Math.max(counted.drainedBytes(), total.drainedBytes()));
        }
        var status = new Status(
                "",
                pid,
                first,
                last,
                false,
                false,
                false,
                pressed,
                open,
                limit,
                descriptors,
                suspects,
                releasing,
                total,
                Map.of(),
                List.of(),
                List.copyOf(settings.values()),
                0,
                List.of());
        return new ReportModel(
                "recording " + file.getFileName(),
                status,
                sites.values().stream().map(RecordedSite::info).toList(),
                List.of(),
                ReportModel.upTo(new History(samples, releases), status),
                List.of(),
                process,
                null,
                environment);
    }

    // -- Fields that may not be there

    /** The field of an event that counts that kind, e.g. {@code closeWait}. */
    static String field(DescriptorKind kind) {
        var field = new StringBuilder();
        for (String word : kind.toString().split("_")) {
            field.append(field.length() == 0 ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return field.toString();
    }

    static String text(RecordedEvent event, String field) {
        if (!event.hasField(field)) {
            return "";
        }
        Object value = event.getValue(field);
        return value == null ? "" : value.toString();
    }

    static long number(RecordedEvent event, String field) {
        return event.hasField(field) ? event.getLong(field) : -1;
    }

    static long millis(RecordedEvent event, String field) {
        return !event.hasField(field) || event.getDuration(field).isNegative()
                ? -1
                : event.getDuration(field).toMillis();
    }
}
