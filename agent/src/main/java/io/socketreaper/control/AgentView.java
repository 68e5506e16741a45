package io.socketreaper.control;

import java.util.List;

/**
 * The state of the agent at one moment.
 *
 * @param sockets those that show a sign, only the first few
 */
public record AgentView(Status status, List<SiteInfo> sites, List<SocketInfo> sockets, History history) {
    private static final int SAMPLES = 60;
    private static final int RELEASES = 20;

    /** The state, with the sockets that have been idle for longest. */
    public static AgentView full(Control control, int sockets) {
        return new AgentView(control.status(), control.sites(), control.sockets(null, sockets), control.history());
    }

    /** What fits on a screen: the sockets that have shown a sign for longest, and the end of the history. */
    static AgentView latest(Control control, int sockets) {
        History history = control.history();
        return new AgentView(
                control.status(),
                control.sites(),
                control.oldestSockets(sockets),
                new History(last(SAMPLES, history.samples()), last(RELEASES, history.releases())));
    }

    private static <T> List<T> last(int count, List<T> all) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }
}
