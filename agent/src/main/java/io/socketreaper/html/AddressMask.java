package io.socketreaper.html;

import io.socketreaper.config.SettingValue;
import io.socketreaper.control.DrainAdvice;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.History;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Hides which hosts are behind a report that leaves the house: the same host is the same {@code host-N} throughout; ports stay.
 * Other than in the log, loopback is a host, too.
 */
public final class AddressMask {
    private static final String UNIX = "unix ";
    private static final String UNNAMED = "unix (unnamed)";
    /** A thread may be called after the host that it serves. */
    private static final Pattern THREAD = Pattern.compile("(?<=thread \")[^\"]+(?=\")");

    private static final Pattern ADDRESS = Pattern.compile(
            "(?<=\\b(?:local|peer) )unix (?!\\(unnamed\\)).+?(?=, peer |, fd |$)"
                    + "|(?<![\\w:])::(?:[fF]{4}:)?\\d{1,3}(?:\\.\\d{1,3}){3}\\b"
                    + "|\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b|\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[^]]*)?]"
                    + "|(?<![\\w:])(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
                    + "|(?=[0-9a-fA-F:]*::)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\\w:])",
            Pattern.MULTILINE);

    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Integer> threads = new HashMap<>();

    private AddressMask() {}

    public static ReportModel of(ReportModel model) {
        return new AddressMask().model(model);
    }

    private ReportModel model(ReportModel model) {
        Status status = model.status();
        var settings = status.settings().stream()
                .map(setting ->
                        new SettingValue(setting.name(), text(setting.value()), setting.origin(), setting.changeable()))
                .toList();
        var masked = new Status(
                status.version(),
                status.pid(),
                status.startedMillis(),
                status.nowMillis(),
                status.attached(),
                status.paused(),
                status.observesOnly(),
                status.underPressure(),
                status.open(),
                status.limit(),
                status.descriptors(),
                status.suspects(),
                status.releasing(),
                status.total(),
                status.byKind(),
                status.stacks(),
                settings,
                status.internalErrors(),
                status.problems().stream().map(this::text).toList());
        return new ReportModel(
                text(model.source()),
                masked,
                model.sites().stream().map(this::site).toList(),
                model.sockets().stream().map(this::socket).toList(),
                new History(
                        model.history().samples(),
                        model.history().releases().stream().map(this::event).toList()),
                model.open().stream().map(this::open).toList(),
                process(model.process()),
                model.holders() == null ? null : holders(model.holders()),
                model.dryRun() == null ? null : dryRun(model.dryRun()),
                model.environment());
    }

    private SiteInfo site(SiteInfo site) {
        return new SiteInfo(
                site.id(),
                site.kind(),
                site.grade(),
                site.location(),
                site.stack(),
                site.totals(),
                site.firstMillis(),
                site.lastMillis(),
                text(site.lastOutcome()),
                text(site.report()),
                site.blame(),
                site.openedAt(),
                site.opening(),
                site.foundByGrade());
    }

    private ProcessInfo process(ProcessInfo process) {
        return new ProcessInfo(
                process.program(),
                process.host().isEmpty() ? "" : name(process.host()),
                process.jvm(),
                process.startedMillis());
    }

    private HoldersNote holders(HoldersNote note) {
        return new HoldersNote(
                note.pid(),
                note.madeMillis(),
                note.groups().stream()
                        .map(group -> new HoldersNote.Group(
                                group.sockets(),
                                text(group.what()),
                                text(group.holder()),
                                end(group.local()),
                                end(group.peer()),
                                group.path().stream().map(this::path).toList()))
                        .toList(),
                note.remarks().stream().map(this::text).toList());
    }

    private String path(String line) {
        return text(THREAD.matcher(line)
                .replaceAll(thread -> "thread-" + threads.computeIfAbsent(thread.group(), name -> threads.size() + 1)));
    }

    private DryRunInfo dryRun(DryRunInfo run) {
        return new DryRunInfo(
                run.startedMillis(),
                run.nowMillis(),
                masked(run.settings()),
                run.observesOnly(),
                run.releases(),
                run.asksPeers(),
                run.rows());
    }

    private static Map<String, String> masked(Map<String, String> settings) {
        var masked = new LinkedHashMap<>(settings);
        masked.computeIfPresent("exclude", (name, rules) -> rules.equals("none") ? rules : DrainAdvice.MASKED);
        return masked;
    }

    private OpenSiteInfo open(OpenSiteInfo site) {
        var peers = new LinkedHashMap<String, Integer>();
        site.peers().forEach((peer, count) -> peers.put(end(peer), count));
        return new OpenSiteInfo(
                site.id(),
                site.location(),
                site.port(),
                site.stack(),
                site.open(),
                site.states(),
                peers,
                site.youngestMillis(),
                site.medianMillis(),
                site.oldestMillis(),
                site.opened(),
                site.openedPerMinute(),
                site.closedPerMinute(),
                site.growth1(),
                site.growth10(),
                site.growth60(),
                site.growing(),
                site.growingPerMinute(),
                site.growingMillis(),
                site.limitInMillis());
    }

    private SocketInfo socket(SocketInfo socket) {
        return new SocketInfo(
                socket.id(),
                socket.site(),
                socket.kind(),
                socket.grade(),
                socket.phase(),
                end(socket.local()),
                end(socket.peer()),
                socket.descriptor(),
                socket.inode(),
                socket.tcpState(),
                socket.unreadBytes(),
                socket.endOfInput(),
                socket.ageMillis(),
                socket.idleMillis(),
                socket.timeoutMillis(),
                socket.location());
    }

    private History.Event event(History.Event event) {
        return new History.Event(
                event.atMillis(),
                event.site(),
                event.kind(),
                event.grade(),
                end(event.local()),
                end(event.peer()),
                event.descriptor(),
                event.what(),
                text(event.done()),
                text(event.peerOutcome()),
                event.drainedBytes(),
                event.tookMillis());
    }

    /** One end of a connection; a path may hold anything. */
    private String end(String end) {
        return end.startsWith(UNIX) && !end.equals(UNNAMED) ? name(end) : text(end);
    }

    private String text(@Nullable String text) {
        return ADDRESS.matcher(text).replaceAll(found -> Matcher.quoteReplacement(name(found.group())));
    }

    private String name(String address) {
        return names.computeIfAbsent(
                address, unknown -> (unknown.startsWith(UNIX) ? "unix path-" : "host-") + (names.size() + 1));
    }
}
