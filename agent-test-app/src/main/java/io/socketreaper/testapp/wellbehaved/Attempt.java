package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** One try at one connection's story. It is played by actors, a thread each; the first failure ends it for all. */
final class Attempt implements AutoCloseable {
    private static final Duration SLACK = Duration.ofSeconds(10);

    private final int connection;
    private final Duration reaperTimeout;
    private final Sockets sockets = new Sockets();
    private final Queue<Quiet> quiets = new ConcurrentLinkedQueue<>();
    private final List<Thread> actors = new ArrayList<>();
    private final AtomicReference<Failure> failure = new AtomicReference<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private volatile boolean replyComplete;
    private volatile boolean peerEof;

    /**
     * What went wrong first.
     *
     * @param tooLongPause the pause that made the try worthless, null when all pauses were as short as they should be
     */
    record Failure(String actor, Throwable cause, Duration tooLongPause) {
        boolean isReset() {
            return cause instanceof IOException
                    && cause.getMessage() != null
                    && (cause.getMessage().contains("reset")
                            || cause.getMessage().contains("Broken pipe"));
        }
    }

    interface Action {
        void run() throws Exception;
    }

    Attempt(int connection, Duration reaperTimeout) {
        this.connection = connection;
        this.reaperTimeout = reaperTimeout;
    }

    /** Which of the run's connections this is, from 0; variants of a story are dealt out by it. */
    int connection() {
        return connection;
    }

    Sockets sockets() {
        return sockets;
    }

    /** So much of the agent's timeout. */
    Duration timeouts(int numerator, int denominator) {
        return reaperTimeout.multipliedBy(numerator).dividedBy(denominator);
    }

    /** A watch over the pauses of one half-closed socket. */
    Quiet quiet() {
        var quiet = new Quiet(reaperTimeout);
        quiets.add(quiet);
        return quiet;
    }

    void act(String actor, Action action) {
        act(actor, action, Thread::new);
    }

    void act(String actor, Action action, ThreadFactory threads) {
        var thread = threads.newThread(() -> {
            try {
                action.run();
            } catch (Throwable cause) {
                fail(actor, cause);
            }
        });
        thread.setName(actor);
        thread.setDaemon(true);
        actors.add(thread);
        thread.start();
    }

    /** Does nothing for a while. */
    void pause(Duration duration) throws InterruptedException {
        if (failed.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new CancellationException("another actor failed");
        }
    }

    void replyComplete() {
        replyComplete = true;
    }

    void peerEof() {
        peerEof = true;
    }

    boolean sawReplyComplete() {
        return replyComplete;
    }

    boolean sawPeerEof() {
        return peerEof;
    }

    /** Waits until every actor has finished; null when all went well. */
    Failure outcome() throws InterruptedException {
        var patience = timeouts(4, 1).plus(SLACK);
        long deadline = System.nanoTime() + patience.toNanos();
        for (var actor : actors) {
            actor.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            if (actor.isAlive()) {
                // No excuse for this one: a busy machine makes a story late, it does not stop it.
                fail(new Failure(
                        actor.getName(), new Exception("not finished after " + patience.toMillis() + " ms"), null));
                // The failure closes every channel: that ends the actor, and only then is its descriptor free.
                actor.join(SLACK.toMillis());
            }
        }
        return failure.get();
    }

    @Override
    public void close() {
        sockets.close();
    }

    private void fail(String actor, Throwable cause) {
        // The pauses are looked at here and now: what follows is no part of the story.
        fail(new Failure(
                actor,
                cause,
                quiets.stream()
                        .filter(Quiet::tooLong)
                        .map(quiet -> Duration.ofNanos(quiet.length()))
                        .max(Duration::compareTo)
                        .orElse(null)));
    }

    private void fail(Failure candidate) {
        if (failure.compareAndSet(null, candidate)) {
            failed.countDown();
            sockets.startClosing();
        }
    }
}
