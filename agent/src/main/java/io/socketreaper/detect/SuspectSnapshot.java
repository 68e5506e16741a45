package io.socketreaper.detect;

import io.socketreaper.model.Grade;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.release.LeakCandidate;
import io.socketreaper.release.LeakCase;
import java.util.concurrent.TimeUnit;

/** What was known of a suspect at one moment. Reaper thread only. */
public final class SuspectSnapshot {
    private final Suspect suspect;
    private final SocketSnapshot snapshot;
    private final Grade grade;
    private final LeakCase openCase;
    private final long ageMillis;
    private final long idleMillis;
    private final long timeoutMillis;

    SuspectSnapshot(Suspect suspect, long now) {
        this.suspect = suspect;
        this.snapshot = suspect.lastSnapshot;
        this.grade = suspect.grade;
        this.openCase = suspect.openCase;
        this.ageMillis = TimeUnit.NANOSECONDS.toMillis(now - suspect.signAt());
        this.idleMillis = TimeUnit.NANOSECONDS.toMillis(now - suspect.lastActivity());
        this.timeoutMillis = TimeUnit.NANOSECONDS.toMillis(suspect.timeout);
    }

    Suspect suspect() {
        return suspect;
    }

    /** Names the suspect as long as the agent runs. */
    public long number() {
        return suspect.number();
    }

    /** The suspect itself, which may have changed since. */
    public LeakCandidate candidate() {
        return suspect;
    }

    /** What the last check has seen; null before the first. */
    public SocketSnapshot snapshot() {
        return snapshot;
    }

    /** What a leak of it would be; null before the first check. */
    public Grade grade() {
        return grade;
    }

    /** Its leak; null while it is none. */
    public LeakCase openCase() {
        return openCase;
    }

    /** Whether its leak was only reported. */
    public boolean isReported() {
        return openCase != null && !openCase.inRelease();
    }

    /** Time since it showed its sign. */
    public long ageMillis() {
        return ageMillis;
    }

    /** Time since its last activity. */
    public long idleMillis() {
        return idleMillis;
    }

    /** How long it must be idle to be a leak; 0 before the first check. */
    public long timeoutMillis() {
        return timeoutMillis;
    }
}
