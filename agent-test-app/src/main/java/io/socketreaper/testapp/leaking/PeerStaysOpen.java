package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;

/** Like {@link TcpServer}, but the client keeps its end open: more could still arrive. */
public final class PeerStaysOpen implements Scenario {
    @Override
    public String name() {
        return "peer-stays-open";
    }

    @Override
    public String summary() {
        return "as tcpserver, but the client never closes its end";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = new LineServer(run, Farewell::new)) {
            Peers.quick(run, () -> {
                var peer = Farewell.connect(run, server.address());
                run.endWith(peer);
                peer.sendAfterEnd(Farewell.LAST_WORD);
                // After the FIN Linux shows a reset to writers only, and to the first one without sending anything.
                run.lastLook(() -> peer.sendAfterEnd(Farewell.LAST_WORD));
            });
        }
    }
}
