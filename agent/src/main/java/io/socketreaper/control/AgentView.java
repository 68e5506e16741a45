package io.socketreaper.control;

import java.util.List;

/**
 * The state of the agent at one moment.
 *
 * @param sockets those that show a sign, only the first few
 * @param open    the lines of code that open sockets, only the first few; empty unless {@code track=all}
 */
public record AgentView(
        Status status, List<SiteInfo> sites, List<SocketInfo> sockets, History history, List<OpenSiteInfo> open) {
    private static final int SAMPLES = 60;
    private static final int RELEASES = 20;
    private static final int OPEN_SITES = 20;

    /** The state, with the sockets that have been idle for longest. */
    public static AgentView full(Control control, int sockets) {
        return new AgentView(
                control.status(),
                control.sites(),
                control.sockets(null, sockets),
                control.history(),
                control.allOpen());
    }

    /** What fits on a screen: the sockets that have shown a sign for longest, and the end of the history. */
    static AgentView latest(Control control, int sockets) {
        History history = control.history();
        List<OpenSiteInfo> open = control.allOpen();
        return new AgentView(
                control.status(),
                control.sites(),
                control.oldestSockets(sockets),
                new History(last(SAMPLES, history.samples()), last(RELEASES, history.releases())),
                open.subList(0, Math.min(OPEN_SITES, open.size())));
    }

    private static <T> List<T> last(int count, List<T> all) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }
}
