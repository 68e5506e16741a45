package io.socketreaper.release;

import io.socketreaper.leak.Blame;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.thread.ReaperThread;
import org.jspecify.annotations.Nullable;

/** One leak from its discovery to its end. Fields that change belong to the reaper thread; any thread may read the others. */
public final class LeakCase {
    private final long openedAt;
    private final Leak leak;
    /** Why it was only reported; null if it is in release. */
    private final @Nullable Outcome reported;

    @ReaperThread
    private boolean condemned;

    @ReaperThread
    private boolean over;

    @ReaperThread
    private boolean refused;

    LeakCase(long openedAt, Leak leak, @Nullable Outcome reported) {
        this.openedAt = openedAt;
        this.leak = leak;
        this.reported = reported;
    }

    /** Nano time at which the leak was found. */
    public long openedAt() {
        return openedAt;
    }

    public LeakKind kind() {
        return leak.kind();
    }

    public LeakSite site() {
        return leak.site();
    }

    /** The grade at which it was found. */
    public Grade grade() {
        return leak.grade();
    }

    /** The line of code to blame. */
    public Blame blame() {
        return leak.blame();
    }

    /** Whether a line to blame is missed that a sample of the last read or write may give. */
    public boolean lacksBlame() {
        return !leak.blame().isKnown()
                && !kind().isClosed()
                && leak.endOfInput().stack().length == 0;
    }

    Leak leak() {
        return leak;
    }

    /** True if the socket is claimed or its owner was asked to claim it; false if it was only reported. */
    public boolean inRelease() {
        return reported == null;
    }

    /**
     * True if only a temporary obstacle prevented the release, and no event tells when it ends, such as the close of a duplicate
     * descriptor.
     */
    public boolean isSpared() {
        return reported != null && reported.name() == OutcomeName.SPARED;
    }

    boolean wasReportedAs(LeakKind kind, Outcome outcome) {
        return kind() == kind && outcome.equals(reported);
    }

    /** True once the application can no longer use the claimed socket. */
    public boolean isCondemned() {
        return condemned;
    }

    void condemned() {
        condemned = true;
    }

    /** True once a claimed socket's descriptor is gone, or was given up. */
    public boolean isOver() {
        return over;
    }

    void over() {
        over = true;
    }

    /** True if it ended because the socket's owner found it in use. */
    public boolean isRefused() {
        return refused;
    }

    void refused() {
        refused = true;
        over = true;
    }
}
