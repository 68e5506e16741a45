package io.socketreaper.report;

import java.util.List;

/** Hands every report to every sink. A sink that fails is told about once and loses only that report. */
public final class Sinks implements Sink {
    private final List<Sink> sinks;
    private final Failures failures;

    public Sinks(List<Sink> sinks, Failures failures) {
        this.sinks = List.copyOf(sinks);
        this.failures = failures;
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        for (Sink sink : sinks) {
            try {
                sink.leak(leak, outcome);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        for (Sink sink : sinks) {
            try {
                sink.releasedAfterAll(leak, closed, afterMillis);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void shortage(Shortage shortage) {
        for (Sink sink : sinks) {
            try {
                sink.shortage(shortage);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public boolean tick(long now) {
        boolean more = false;
        for (Sink sink : sinks) {
            try {
                more |= sink.tick(now);
            } catch (RuntimeException | Error failure) {
                failures.happened("a summary could not be written", failure);
            }
        }
        return more;
    }
}
