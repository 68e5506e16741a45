package io.socketreaper.detect;

import io.socketreaper.model.Grade;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.release.LeakCase;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What was known of a suspect at one moment.
 *
 * @param suspect       may have changed since
 * @param snapshot      what the last check has seen; null before the first
 * @param grade         what a leak of it would be; null before the first check
 * @param openCase      its leak; null while it is none
 * @param ageMillis     since it showed its sign
 * @param idleMillis    since its last activity
 * @param timeoutMillis how long it must be idle to be a leak; 0 before the first check
 */
public record SuspectSnapshot(
        Suspect suspect,
        @Nullable SocketSnapshot snapshot,
        @Nullable Grade grade,
        @Nullable LeakCase openCase,
        long ageMillis,
        long idleMillis,
        long timeoutMillis) {
    static SuspectSnapshot of(Suspect suspect, long now) {
        return new SuspectSnapshot(
                suspect,
                suspect.lastSnapshot,
                suspect.grade,
                suspect.openCase,
                TimeUnit.NANOSECONDS.toMillis(now - suspect.signAt()),
                TimeUnit.NANOSECONDS.toMillis(now - suspect.lastActivity()),
                TimeUnit.NANOSECONDS.toMillis(suspect.timeout));
    }

    /** Names the suspect as long as the agent runs. */
    public long number() {
        return suspect.number();
    }

    /** The suspect, for those that only read it. */
    public LeakCandidate candidate() {
        return suspect;
    }

    /** Whether it can only be released, or not, by what its peer answers to a probe. */
    public boolean dependsOnPeer() {
        return snapshot != null && snapshot.dependsOnPeer() && !suspect.socket().peerIsThere();
    }

    /** Whether its leak was only reported. */
    public boolean isReported() {
        return openCase != null && !openCase.inRelease();
    }
}
