package io.socketreaper.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of the agent at one moment.
 *
 * @param sockets those that show a sign, only the first few
 * @param open    the lines of code that open sockets, only the first few; empty unless {@code track=all}
 * @param process which process it is; unknown in a view for a screen
 * @param holders what the command {@code holders} has found last; null if it was not used, and in a view for a screen
 * @param dryRun  leaks that were reported and not released; null in a view for a screen
 */
public record AgentView(
        Status status,
        List<SiteInfo> sites,
        List<SocketInfo> sockets,
        History history,
        List<OpenSiteInfo> open,
        ProcessInfo process,
        @Nullable HoldersNote holders,
        @Nullable DryRunInfo dryRun) {
    private static final int SAMPLES = 60;
    private static final int RELEASES = 100;
    private static final int OPEN_SITES = 20;

    /** The state, with the sockets that have been idle for longest. */
    public static AgentView full(Control control, int sockets) {
        return new AgentView(
                control.status(),
                control.sites(),
                control.sockets(null, sockets),
                control.history(),
                control.allOpen(),
                ProcessInfo.current(),
                control.holders(),
                control.dryRun());
    }

    /** What fits on a screen: the sockets that have shown a sign for longest, and the end of the history. */
    static AgentView latest(Control control, Status status, int sockets) {
        History history = control.history();
        List<OpenSiteInfo> open = control.allOpen();
        return new AgentView(
                status,
                control.sites(),
                control.oldestSockets(sockets),
                new History(last(SAMPLES, history.samples()), last(RELEASES, history.releases())),
                open.subList(0, Math.min(OPEN_SITES, open.size())),
                ProcessInfo.UNKNOWN,
                null,
                null);
    }

    private static <T> List<T> last(int count, List<T> all) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }
}
