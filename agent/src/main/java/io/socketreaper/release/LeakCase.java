package io.socketreaper.release;

import io.socketreaper.leak.Blame;
import io.socketreaper.leak.DryRun;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSite;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.OutcomeName;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One leak from its discovery to its end. Fields that change belong to the reaper thread; any thread may read the others. */
public final class LeakCase {
    private final long openedAt;
    private final Leak leak;
    /** Why it was only reported; null if it is in release. */
    private final @Nullable Outcome reported;
    /** Where it is counted as a leak of the dry run; null if it is not. */
    private final DryRun.@Nullable Counted counted;

    @ReaperThread
    private boolean acknowledged;

    @ReaperThread
    private boolean condemned;

    @ReaperThread
    private boolean over;

    @ReaperThread
    private boolean refused;

    LeakCase(long openedAt, Leak leak, @Nullable Outcome reported, DryRun.@Nullable Counted counted) {
        this.counted = counted;
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

    /**
     * The application uses the socket again.
     *
     * @param at nano time at which it did, as far as it is known
     */
    void cameBack(long at) {
        if (counted != null) {
            counted.cameBack(false, idleMillisAt(at));
        }
    }

    /** The application has dropped the socket, and the JDK has closed it. */
    void wasCollected() {
        if (counted != null) {
            counted.withdraw();
        }
    }

    /**
     * The application has closed the socket. One that it has read or written between the report and the close was in use: a release would have
     * taken what it read.
     *
     * @param usedAt nano time of the last read or write, which may be earlier than the report
     */
    void wasClosed(long usedAt, long now) {
        boolean used = usedAt - openedAt > 0;
        if (counted != null) {
            counted.cameBack(!used, idleMillisAt(used ? usedAt : now));
        }
    }

    /** Another case takes its place: its socket is to be released, or is another leak. */
    public void replaced() {
        if (counted != null) {
            counted.withdraw();
        }
    }

    /** How long the socket had been idle at that nano time if it was not used since it was found, milliseconds. */
    private long idleMillisAt(long time) {
        return leak.idleMillis() + Math.max(0, TimeUnit.NANOSECONDS.toMillis(time - openedAt));
    }

    /** Whether a report of that evidence would say the same. */
    boolean wasReportedAs(Evidence evidence, Outcome outcome) {
        return kind() == evidence.kind()
                && outcome.equals(reported)
                && (outcome.name() != OutcomeName.LOGGED || grade() == evidence.grade());
    }

    /** Whether the peer had acknowledged all output of the application when the leak was reported. */
    public boolean isAcknowledged() {
        return acknowledged;
    }

    /** The peer has acknowledged all output. */
    void acknowledged() {
        acknowledged = true;
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
