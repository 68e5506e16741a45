package io.socketreaper.runtime;

import io.socketreaper.config.Track;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.LeakJournal;
import io.socketreaper.control.SiteDescriptor;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.OpenSite;
import io.socketreaper.detect.OpenWalk;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.model.OpenState;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the open sockets of a leak site or of an opening site, a part at a time, because there may be very many. */
@ReaperThread
final class SiteDescriptorAnswer {
    private final Detector detector;
    private final LeakJournal journal;
    private final String site;
    private final Track track;
    private @Nullable OpenWalk walk;

    SiteDescriptorAnswer(Detector detector, LeakJournal journal, String site, Track track) {
        this.detector = detector;
        this.journal = journal;
        this.site = site;
        this.track = track;
    }

    /**
     * Looks at the next sockets, for so many nanoseconds or a little longer; at the suspects of a leak site all at once.
     *
     * @return the answer, without sockets whose descriptor is not known yet; null while there are more
     * @throws ControlException if there is no such site
     */
    @Nullable
    List<SiteDescriptor> goOn(long nanos) {
        OpenWalk present = walk;
        if (present == null) {
            // "other" may be both: then it is the leak site, which the command line has always meant.
            if (journal.hasSite(site)) {
                return ofLeaks();
            }
            checkOpeningSite();
            present = detector.openSites().walk().listing(site);
            walk = present;
        }
        Map<OpenSite, OpenWalk.Tally> counted = present.goOn(nanos);
        return counted == null ? null : ofOpen(counted);
    }

    private void checkOpeningSite() {
        if (detector.openSites().all().stream().anyMatch(known -> known.id().equals(site))) {
            return;
        }
        String pid = Long.toString(ProcessHandle.current().pid());
        throw new ControlException(
                "no site has the id \"" + site + "\"; `sites " + pid
                        + "` lists the leak sites, "
                        + (track == Track.ALL
                                ? "`open " + pid + "` the lines that open sockets"
                                : "and lines that open sockets have ids with track=all only, while this agent has track=half-closed"));
    }

    private List<SiteDescriptor> ofLeaks() {
        var found = new ArrayList<SiteDescriptor>();
        for (SuspectSnapshot listed : detector.list()) {
            if (listed.openCase() != null && listed.openCase().site().id().equals(site)) {
                TcpState state = listed.snapshot() == null
                        ? TcpState.UNKNOWN
                        : listed.snapshot().tcpState();
                add(found, listed.candidate().socket(), state, listed.number());
            }
        }
        return found;
    }

    private List<SiteDescriptor> ofOpen(Map<OpenSite, OpenWalk.Tally> counted) {
        var found = new ArrayList<SiteDescriptor>();
        for (OpenWalk.Tally tally : counted.values()) {
            for (OpenWalk.Listed listed : tally.sockets()) {
                add(found, listed.socket(), listed.state(), listed.suspect());
            }
        }
        return found;
    }

    private static void add(List<SiteDescriptor> found, SocketHandle socket, OpenState state, long id) {
        if (socket.descriptor() >= 0) {
            found.add(new SiteDescriptor(socket.descriptor(), socket.inode(), state.toString(), id));
        }
    }
}
