package io.socketreaper.html;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.Control;
import io.socketreaper.control.DryRunInfo;
import io.socketreaper.control.History;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.ProcessInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is shown.
 *
 * @param source      where it was taken from, in words
 * @param sites       the worst first
 * @param sockets     those that show a sign, at most {@value #MOST_SOCKETS}
 * @param open        the lines of code that open sockets; empty unless {@code track=all}
 * @param process     which process it is
 * @param holders     what the command {@code holders} has found; null if it was not used
 * @param dryRun      leaks that were reported and not released; null if the source does not tell, as a recording
 * @param environment of the process, name to value
 */
public record ReportModel(
        String source,
        Status status,
        List<SiteInfo> sites,
        List<SocketInfo> sockets,
        History history,
        List<OpenSiteInfo> open,
        ProcessInfo process,
        @Nullable HoldersNote holders,
        @Nullable DryRunInfo dryRun,
        Map<String, String> environment) {
    public static final int MOST_SOCKETS = 500;

    private static final long SECOND = 1000;

    public ReportModel {
        sites = sites.stream()
                .sorted(Comparator.comparingLong(
                                (SiteInfo site) -> site.totals().held())
                        .thenComparingLong(site -> site.totals().found())
                        .reversed())
                .toList();
    }

    /** One of a source that does not tell what became of leaks that were only reported. */
    ReportModel(
            String source,
            Status status,
            List<SiteInfo> sites,
            List<SocketInfo> sockets,
            History history,
            List<OpenSiteInfo> open,
            ProcessInfo process,
            @Nullable HoldersNote holders,
            Map<String, String> environment) {
        this(source, status, sites, sockets, history, open, process, holders, null, environment);
    }

    /** What an agent says now. */
    public static ReportModel of(Control control) {
        return of(AgentView.full(control, MOST_SOCKETS), Map.of());
    }

    public static ReportModel of(AgentView view, Map<String, String> environment) {
        return new ReportModel(
                "process " + view.status().pid(),
                view.status(),
                view.sites(),
                view.sockets(),
                upTo(view.history(), view.status()),
                view.open(),
                view.process(),
                view.holders(),
                view.dryRun(),
                environment);
    }

    /** The history with a last sample of what is now: samples are only taken while there is something to watch. */
    static History upTo(History history, Status status) {
        List<History.Sample> samples = history.samples();
        if (samples.isEmpty()
                || status.nowMillis() - samples.get(samples.size() - 1).atMillis() < SECOND) {
            return history;
        }
        var all = new ArrayList<>(samples);
        all.add(new History.Sample(
                status.nowMillis(),
                status.open(),
                status.limit(),
                status.suspects(),
                status.total().found(),
                status.total().released()));
        return new History(all, history.releases());
    }

    /** The same with what the command {@code holders} has found. */
    public ReportModel with(HoldersNote note) {
        return new ReportModel(source, status, sites, sockets, history, open, process, note, dryRun, environment);
    }
}
