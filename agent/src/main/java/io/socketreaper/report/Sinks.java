package io.socketreaper.report;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hands every report to every sink. A sink that fails is told about once and loses only that report. */
public final class Sinks implements Sink {
    private final List<Sink> sinks;
    private final Failures failures;

    public Sinks(List<Sink> sinks, Failures failures) {
        this.sinks = new CopyOnWriteArrayList<>(sinks);
        this.failures = failures;
    }

    /** One more, from now on. Any thread. */
    public void add(Sink sink) {
        sinks.add(sink);
    }

    /** Any thread. */
    public void remove(Sink sink) {
        sinks.remove(sink);
    }

    @Override
    public boolean wantsSuspects() {
        for (Sink sink : sinks) {
            try {
                if (sink.wantsSuspects()) {
                    return true;
                }
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
        return false;
    }

    @Override
    public void suspected(Suspicion suspicion) {
        for (Sink sink : sinks) {
            try {
                sink.suspected(suspicion);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void found(Leak leak) {
        for (Sink sink : sinks) {
            try {
                sink.found(leak);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
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
