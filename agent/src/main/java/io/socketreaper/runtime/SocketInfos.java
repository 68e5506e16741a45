package io.socketreaper.runtime;

import io.socketreaper.control.SocketInfo;
import io.socketreaper.detect.SuspectSnapshot;
import io.socketreaper.leak.LeakSites;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Describes suspects for people and tools. */
@ReaperThread
final class SocketInfos {
    private SocketInfos() {}

    /** Each of them, in the same order. */
    static List<SocketInfo> of(List<SuspectSnapshot> part) {
        var infos = new ArrayList<SocketInfo>(part.size());
        for (SuspectSnapshot listed : part) {
            infos.add(of(listed));
        }
        return infos;
    }

    private static SocketInfo of(SuspectSnapshot listed) {
        SocketSnapshot snapshot = listed.snapshot();
        var socket = listed.candidate().socket();
        Endpoints endpoints = socket.endpoints();
        String phase = listed.openCase() == null ? "suspect" : listed.openCase().inRelease() ? "releasing" : "leak";
        return new SocketInfo(
                listed.number(),
                listed.openCase() == null ? "" : listed.openCase().site().id(),
                snapshot == null ? "" : snapshot.kind().toString(),
                snapshot == null ? "" : Objects.requireNonNull(listed.grade()).toString(),
                phase,
                endpoints.local() == null ? "" : Endpoints.text(endpoints.local()),
                endpoints.remote() == null ? "" : Endpoints.text(endpoints.remote()),
                socket.descriptor(),
                socket.inode(),
                snapshot == null ? "UNKNOWN" : snapshot.tcpState().toString(),
                snapshot == null ? 0 : snapshot.unreadBytes(),
                snapshot != null && snapshot.endOfInput(),
                listed.ageMillis(),
                listed.idleMillis(),
                listed.timeoutMillis(),
                location(listed));
    }

    private static String location(SuspectSnapshot listed) {
        String blamed =
                listed.openCase() == null ? "" : listed.openCase().blame().location();
        return blamed.isEmpty() ? LeakSites.location(listed.candidate().originStack()) : blamed;
    }
}
