package io.socketreaper.leak;

import io.socketreaper.model.Grade;
import io.socketreaper.model.LeakKind;
import java.util.Arrays;

/**
 * One bug: the kind of leak and the first application frames of the line to blame, or where no such line is known, of the opening.
 * However many sockets it loses, it is one site. Counters belong to the reaper thread.
 */
public final class LeakSite {
    private final String id;
    private final LeakKind kind;
    private final String location;
    private final StackTraceElement[] stack;
    private final Blame blame;
    private final StackTraceElement[] opening;
    private final long[] foundByGrade = new long[Grade.values().length];
    private final DryRun[] dryRuns = new DryRun[Grade.values().length];
    private long found;
    private long released;
    private long releasedAfterAll;
    private long excluded;
    private long stillHeld;

    /**
     * @param stack   of the half-close or opening of its first leak
     * @param blame   of its first leak
     * @param opening of its first leak; empty if it is not known
     */
    public LeakSite(
            String id,
            LeakKind kind,
            String location,
            StackTraceElement[] stack,
            Blame blame,
            StackTraceElement[] opening) {
        this.id = id;
        this.kind = kind;
        this.location = location;
        this.stack = stack;
        this.blame = blame;
        this.opening = opening;
        Arrays.setAll(dryRuns, grade -> new DryRun());
    }

    /** Eight hex digits, the same in every run of the same code; {@code other} for those beyond the bound. */
    public String id() {
        return id;
    }

    public LeakKind kind() {
        return kind;
    }

    /** The first application frame, {@code Class.method(File:line)}. */
    public String location() {
        return location;
    }

    /** The line to blame for the site's first leak. */
    public Blame blame() {
        return blame;
    }

    /** The stack that the site is named by, of its first leak, innermost frame first. Not to be changed. */
    public StackTraceElement[] stack() {
        return blame.isKnown() ? blame.stack() : stack;
    }

    /** The stack in which the site's first leak was opened, innermost frame first; empty if it is not known. Not to be changed. */
    public StackTraceElement[] opening() {
        return opening;
    }

    /** The stack of the half-close or opening of the site's first leak if it equals this one, else this one. */
    public StackTraceElement[] shared(StackTraceElement[] other) {
        return Arrays.equals(stack, other) ? stack : other;
    }

    /** Sockets found leaked here, whatever became of them. */
    public long found() {
        return found;
    }

    /** Of these: of that grade when they were found. */
    public long found(Grade grade) {
        return foundByGrade[grade.ordinal()];
    }

    /** Of these: sockets the agent released, descriptor gone. */
    public long released() {
        return released;
    }

    /** Of these: sockets the application closed or used again by itself. */
    public long releasedAfterAll() {
        return releasedAfterAll;
    }

    /** Of these: sockets that an exclusion kept from being touched. */
    public long excluded() {
        return excluded;
    }

    public void countFound(Grade grade) {
        found++;
        foundByGrade[grade.ordinal()]++;
    }

    /** What became of the leaks of that grade that were only reported. */
    public DryRun dryRun(Grade grade) {
        return dryRuns[grade.ordinal()];
    }

    /** Begins to count anew what becomes of leaks of that grade: other settings hold for them. */
    public void restartDryRun(Grade grade) {
        dryRuns[grade.ordinal()] = new DryRun();
    }

    public void countReleased() {
        released++;
    }

    public void countReleasedAfterAll() {
        releasedAfterAll++;
    }

    /** Of these: sockets whose descriptor was still held long after it was closed, whatever became of it since. */
    public long stillHeld() {
        return stillHeld;
    }

    public void countStillHeld() {
        stillHeld++;
    }

    public void countExcluded() {
        excluded++;
    }
}
