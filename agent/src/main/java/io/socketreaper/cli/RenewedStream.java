package io.socketreaper.cli;

import io.socketreaper.control.AgentView;
import io.socketreaper.model.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/** A stream without an end: the agent ends each stream after an hour, so a new one is begun before that. */
final class RenewedStream implements AutoCloseable {
    /** Well below {@code control.Streams}' hour. */
    private static final long RENEW_NANOS = Duration.ofMinutes(50).toNanos();

    private final Supplier<Source> begin;
    private final Clock clock;
    private Source source;
    private long begun;
    private boolean closed;

    /** One stream. */
    interface Source extends AutoCloseable {
        AgentView next() throws InterruptedException;

        @Override
        void close();
    }

    RenewedStream(Supplier<Source> begin, Clock clock) {
        this.begin = begin;
        this.clock = clock;
        renew();
    }

    AgentView next() throws InterruptedException {
        if (clock.nanoTime() - begun >= RENEW_NANOS) {
            source.close();
            renew();
        }
        return source.next();
    }

    private void renew() {
        var renewed = begin.get();
        synchronized (this) {
            source = renewed;
            begun = clock.nanoTime();
            if (closed) {
                source.close();
            }
        }
    }

    /** Any thread: a thread that waits for the next view gets none. */
    @Override
    public synchronized void close() {
        closed = true;
        source.close();
    }
}
