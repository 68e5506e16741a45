package io.socketreaper.control;

import java.util.List;

/**
 * Everything that fits on a screen, at one moment.
 *
 * @param sockets those that show a sign, the longest idle first, only the first few
 * @param history only the end of it
 */
public record View(Status status, List<SiteInfo> sites, List<SocketInfo> sockets, History history) {
    private static final int SAMPLES = 60;
    private static final int RELEASES = 20;

    static View of(Control control, int sockets) {
        History history = control.history();
        return new View(control.status(), control.sites(), control.sockets(null, sockets),
                new History(last(SAMPLES, history.samples()), last(RELEASES, history.releases())));
    }

    private static <T> List<T> last(int count, List<T> all) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }
}
