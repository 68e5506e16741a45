package io.socketreaper.detect;

import io.socketreaper.model.Evidence;
import io.socketreaper.model.SocketSnapshot;
import java.util.concurrent.TimeUnit;

/** Puts together the evidence of a suspect: the snapshot, its use, the answer of its peer, its idle time. Reaper thread only. */
final class EvidenceSource {
    private final IdleTime idleTime;
    private final PeerQuestions peers;

    EvidenceSource(IdleTime idleTime, PeerQuestions peers) {
        this.idleTime = idleTime;
        this.peers = peers;
    }

    /** @param late whether the JVM may have been stopped just before, so that the idle time proves nothing */
    Evidence of(Suspect suspect, SocketSnapshot snapshot, long now, boolean late) {
        return new Evidence(
                        snapshot,
                        TimeUnit.NANOSECONDS.toMillis(idleTime.of(suspect, now)),
                        TimeUnit.NANOSECONDS.toMillis(suspect.timeout),
                        late)
                .with(suspect.use(peers.answer(suspect, snapshot)));
    }
}
