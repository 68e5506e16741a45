package io.socketreaper.leak;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

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
    public void suspected(SuspectFound suspect) {
        each(sink -> sink.suspected(suspect));
    }

    @Override
    public void found(Leak leak) {
        each(sink -> sink.found(leak));
    }

    @Override
    public void leak(Leak leak, Outcome outcome) {
        each(sink -> sink.leak(leak, outcome));
    }

    @Override
    public void releasedAfterAll(Leak leak, AfterAll how, long afterMillis) {
        each(sink -> sink.releasedAfterAll(leak, how, afterMillis));
    }

    @Override
    public void growing(GrowingSite site) {
        any(sink -> {
            sink.growing(site);
            return true;
        });
    }

    @Override
    public void unwatched(UnwatchedDescriptors unwatched) {
        each(sink -> sink.unwatched(unwatched));
    }

    @Override
    public void shortage(DescriptorShortage shortage) {
        each(sink -> sink.shortage(shortage));
    }

    private void each(Consumer<LeakSink> call) {
        any(sink -> {
            call.accept(sink);
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
