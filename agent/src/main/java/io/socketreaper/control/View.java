package io.socketreaper.control;

import java.util.Comparator;
import java.util.List;

/**
 * Everything, at one moment.
 *
 * @param sockets those that show a sign, only the first few
 */
public record View(Status status, List<SiteInfo> sites, List<SocketInfo> sockets, History history) {
    private static final int SAMPLES = 60;
    private static final int RELEASES = 20;

    /** What fits on a screen: the sockets that have shown a sign for longest, the end of the history. */
    static View of(Control control, int sockets) {
        History history = control.history();
        List<SocketInfo> oldest = control.sockets(null, Integer.MAX_VALUE).stream()
                .sorted(Comparator.comparingLong(SocketInfo::ageMillis).reversed()).limit(sockets).toList();
        return new View(control.status(), control.sites(), oldest,
                new History(last(SAMPLES, history.samples()), last(RELEASES, history.releases())));
    }

    private static <T> List<T> last(int count, List<T> all) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }
}
