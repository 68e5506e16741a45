package io.socketreaper.html;

import io.socketreaper.control.AgentView;
import io.socketreaper.control.Control;
import io.socketreaper.control.History;
import io.socketreaper.control.OpenSiteInfo;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Everything that is shown.
 *
 * @param source      where it was taken from, in words
 * @param sites       the worst first
 * @param sockets     those that show a sign, at most {@value #MOST_SOCKETS}
 * @param open        the lines of code that open sockets; empty unless {@code track=all}
 * @param environment of the process, name to value
 */
public record ReportModel(
        String source,
        Status status,
        List<SiteInfo> sites,
        List<SocketInfo> sockets,
        History history,
        List<OpenSiteInfo> open,
        Map<String, String> environment) {
    public static final int MOST_SOCKETS = 500;

    public ReportModel {
        sites = sites.stream()
                .sorted(Comparator.comparingLong(
                                (SiteInfo site) -> site.totals().held())
                        .thenComparingLong(site -> site.totals().found())
                        .reversed())
                .toList();
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
                view.history(),
                view.open(),
                environment);
    }
}
