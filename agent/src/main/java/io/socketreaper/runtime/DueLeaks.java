package io.socketreaper.runtime;

import io.socketreaper.config.Settings;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.model.Action;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.ProbeMode;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.text.HumanText;
import java.util.List;

/**
 * Counts the reported leaks that changed settings release.
 *
 * @param now   leaks that are released at their next check
 * @param asked leaks whose peers are asked first; they are released once their peers are gone
 */
record DueLeaks(int now, int asked) {
    /** The counts by the settings that hold from now on. */
    static DueLeaks of(List<SuspectSnapshot> listed, Settings changed) {
        int now = 0;
        int asked = 0;
        for (SuspectSnapshot each : listed) {
            SocketSnapshot snapshot = each.snapshot();
            Grade grade = each.grade();
            if (!each.isReported() || snapshot == null || grade == null) {
                continue;
            }
            if (each.dependsOnPeer() && asksFirst(changed, snapshot.kind())) {
                asked++;
            } else if (changed.action(snapshot.kind(), grade) != Action.LOG) {
                now++;
            }
        }
        return new DueLeaks(now, asked);
    }

    /** Whether the peers of peer-closed sockets are asked whether they are gone. */
    static boolean asksPeers(Settings settings) {
        return switch (settings.probe()) {
            case ON -> true;
            case AUTO -> settings.releasesUnproven(LeakKind.PEER_CLOSED);
            case OFF -> false;
        };
    }

    /** Whether the answer of a peer decides about the release of such a leak. */
    private static boolean asksFirst(Settings changed, LeakKind kind) {
        return changed.probe() != ProbeMode.OFF
                && changed.action(kind, Grade.STRONG) != Action.LOG
                && changed.action(kind, Grade.DOUBTFUL) == Action.LOG;
    }

    /** The counts as the end of a sentence; empty if no leak is due. */
    String text() {
        return (now == 0
                        ? ""
                        : "; " + HumanText.count(now, "leak that was reported is", "leaks that were reported are")
                                + " to be released now, unless used or excluded")
                + (asked == 0
                        ? ""
                        : "; " + HumanText.count(asked, "leak that was reported is", "leaks that were reported are")
                                + " to be released once "
                                + (asked == 1 ? "its peer is" : "their peers are")
                                + " gone, unless used or excluded: "
                                + (asked == 1 ? "the peer is" : "the peers are")
                                + " asked first (a closed peer is known to its kernel for some 60 s)");
    }
}
