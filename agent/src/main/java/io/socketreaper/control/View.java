package io.socketreaper.control;

import java.util.Comparator;
import java.util.List;

/**
 * Everything that fits on a screen, at one moment.
 *
 * @param sockets those that show a sign, the longest first, only the first few
 * @param history only the end of it
 */
public record View(Status status, List<SiteInfo> sites, List<SocketInfo> sockets, History history) {
    private static final int SAMPLES = 60;
    private static final int RELEASES = 20;

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
