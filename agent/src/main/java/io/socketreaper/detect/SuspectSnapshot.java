package io.socketreaper.detect;

import io.socketreaper.model.Grade;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.release.LeakCase;

/**
 * A socket that shows a sign, at one moment. Reaper thread only.
 *
 * @param number        names it as long as the agent runs
 * @param sighting      what the last look saw, null before the first
 * @param grade         what a leak of it would be, null before the first look
 * @param openCase      null while it is no leak
 * @param ageMillis     since it showed the sign
 * @param idleMillis    since the last activity
 * @param timeoutMillis how long it must be idle, 0 before the first look
 */
public record SuspectSnapshot(
        long number,
        LeakCandidate finding,
        SocketSnapshot sighting,
        Grade grade,
        LeakCase openCase,
        long ageMillis,
        long idleMillis,
        long timeoutMillis) {
    /** A leak that nobody releases. */
    public boolean isReported() {
        return openCase != null && !openCase.inRelease();
    }
}
