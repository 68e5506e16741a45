package io.socketreaper.imaginary;

import io.socketreaper.leak.AfterAll;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import java.util.ArrayList;
import java.util.List;

/** Remembers every report. */
public class RecordingSink implements LeakSink {
    /** A report of a leak. */
    public record Report(Leak leak, Outcome outcome) {}

    /** A report of a leak that was none after all. */
    public record Alive(Leak leak, boolean closed, long afterMillis) {}

    private final List<Leak> found = new ArrayList<>();
    private final List<Report> reports = new ArrayList<>();
    private final List<Alive> alive = new ArrayList<>();
    private final List<Leak> collected = new ArrayList<>();

    @Override
    public void found(Leak leak) {
        found.add(leak);
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        reports.add(new Report(leak, outcome));
    }

    @Override
    public void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
        if (how.cameBack()) {
            alive.add(new Alive(leak, how == AfterAll.CLOSED, afterMillis));
        } else {
            collected.add(leak);
        }
    }

    @Override
    public boolean tick(long now) {
        return false;
    }

    /** Leaks as they were found, before anything was done about them. */
    public List<Leak> found() {
        return found;
    }

    public List<Report> reports() {
        return reports;
    }

    public List<Outcome> outcomes() {
        return reports.stream().map(Report::outcome).toList();
    }

    /** The only outcome there is. */
    public Outcome outcome() {
        return only(reports).outcome();
    }

    /** The only leak there is. */
    public Leak leak() {
        return only(reports).leak();
    }

    public List<Alive> alive() {
        return alive;
    }

    /** Leaks that the application has dropped after their report, and the JDK has closed. */
    public List<Leak> collected() {
        return collected;
    }

    private static Report only(List<Report> reports) {
        if (reports.size() != 1) {
            throw new AssertionError("one report expected: " + reports);
        }
        return reports.get(0);
    }
}
