package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.util.ArrayList;

/** Plays a story on all connections of a run at once, and plays one again where the machine was too slow for it. */
abstract class WellBehaved implements Scenario {
    private static final int TRIES = 6;

    /** Opens the connection and starts the actors; returns at once. */
    abstract void cast(Attempt attempt) throws IOException;

    @Override
    public final boolean leaks() {
        return false;
    }

    @Override
    public final void play(Run run) throws InterruptedException {
        var connections = new ArrayList<Thread>();
        for (int i = 0; i < run.sockets(); i++) {
            int connection = i;
            var thread = new Thread(() -> play(run, connection), name() + " " + connection);
            thread.setDaemon(true);
            thread.start();
            connections.add(thread);
        }
        for (var connection : connections) {
            connection.join();
        }
    }

    private void play(Run run, int connection) {
        var subject = name() + ", connection " + connection;
        for (int count = 1; count <= TRIES; count++) {
            try (var attempt = new Attempt(connection, run.reaperTimeout())) {
                cast(attempt);
                if (count == 1) {
                    run.opened();
                }
                var failure = attempt.outcome();
                if (failure == null || failure.tooLongPause() == null) {
                    tell(run, subject, attempt, failure);
                    return;
                }
                System.err.printf(
                        "%s: try %d does not count, %s paused for %d ms and the agent's timeout is %d ms%n",
                        subject,
                        count,
                        failure.actor(),
                        failure.tooLongPause().toMillis(),
                        run.reaperTimeout().toMillis());
            } catch (IOException | InterruptedException e) {
                run.damaged(subject + ": could not be played: " + e);
                return;
            }
        }
        run.damaged(subject + ": machine too slow: each of " + TRIES
                + " tries had a pause close to the agent's timeout; nothing is proven, run it with a longer timeout");
    }

    private static void tell(Run run, String subject, Attempt attempt, Attempt.Failure failure) {
        if (attempt.sawReplyComplete()) {
            run.replyComplete();
        }
        if (attempt.sawPeerEof()) {
            run.peerEof();
        }
        if (failure != null) {
            if (failure.isReset()) {
                run.peerReset();
            }
            run.damaged(subject + ", " + failure.actor() + ": " + failure.cause());
        }
    }
}
