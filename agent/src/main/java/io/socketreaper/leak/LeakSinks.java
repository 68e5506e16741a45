package io.socketreaper.leak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hands every report to every sink. A sink that fails is told about once and loses only that report. */
public final class LeakSinks implements LeakSink {
    private final List<LeakSink> sinks;
    private final InternalFailures failures;

    public LeakSinks(List<LeakSink> sinks, InternalFailures failures) {
        this.sinks = new CopyOnWriteArrayList<>(sinks);
        this.failures = failures;
    }

    /** One more, from now on. Any thread. */
    public void add(LeakSink sink) {
        sinks.add(sink);
    }

    /** Any thread. */
    public void remove(LeakSink sink) {
        sinks.remove(sink);
    }

    @Override
    public boolean wantsSuspects() {
        for (LeakSink sink : sinks) {
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
    public void suspected(SuspectFound suspicion) {
        for (LeakSink sink : sinks) {
            try {
                sink.suspected(suspicion);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void found(Leak leak) {
        for (LeakSink sink : sinks) {
            try {
                sink.found(leak);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        for (LeakSink sink : sinks) {
            try {
                sink.leak(leak, outcome);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        for (LeakSink sink : sinks) {
            try {
                sink.releasedAfterAll(leak, closed, afterMillis);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
    }

    @Override
    public void shortage(DescriptorShortage shortage) {
        for (LeakSink sink : sinks) {
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
        for (LeakSink sink : sinks) {
            try {
                more |= sink.tick(now);
            } catch (RuntimeException | Error failure) {
                failures.happened("a summary could not be written", failure);
            }
        }
        return more;
    }
}
