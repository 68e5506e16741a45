package io.socketreaper.leak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Hands every report to every sink. A sink that throws loses only that report; the first failure is logged, later ones are counted. */
public final class LeakSinks implements LeakSink {
    private final List<LeakSink> sinks;
    private final InternalFailures failures;

    /** Calls one method of a sink. */
    private interface Call {
        boolean on(LeakSink sink);
    }

    public LeakSinks(List<LeakSink> sinks, InternalFailures failures) {
        this.sinks = new CopyOnWriteArrayList<>(sinks);
        this.failures = failures;
    }

    /** Adds a sink, which gets every later report. Any thread. */
    public void add(LeakSink sink) {
        sinks.add(sink);
    }

    /** Removes a sink. Any thread. */
    public void remove(LeakSink sink) {
        sinks.remove(sink);
    }

    @Override
    public boolean wantsSuspects() {
        return any(LeakSink::wantsSuspects);
    }

    @Override
    public void suspected(SuspectFound suspicion) {
        any(sink -> {
            sink.suspected(suspicion);
            return true;
        });
    }

    @Override
    public void found(Leak leak) {
        any(sink -> {
            sink.found(leak);
            return true;
        });
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        any(sink -> {
            sink.leak(leak, outcome);
            return true;
        });
    }

    @Override
    public void releasedAfterAll(Leak leak, boolean closed, long afterMillis) {
        any(sink -> {
            sink.releasedAfterAll(leak, closed, afterMillis);
            return true;
        });
    }

    @Override
    public void shortage(DescriptorShortage shortage) {
        any(sink -> {
            sink.shortage(shortage);
            return true;
        });
    }

    /** Makes the call on every sink; returns true if one of them has returned true. */
    private boolean any(Call call) {
        boolean any = false;
        for (LeakSink sink : sinks) {
            try {
                any |= call.on(sink);
            } catch (RuntimeException | Error failure) {
                failures.happened("a report could not be written", failure);
            }
        }
        return any;
    }

    /** Without a lambda, because the first call comes before {@code main}. */
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
