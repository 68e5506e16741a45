package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Plays the clients of a run on several threads and turns what goes wrong into damage. */
final class Peers {
    private static final int QUICK_THREADS = 8;
    private static final long GIVE_UP_SECONDS = 120;

    /** What one client does from connecting to its end. */
    interface Story {
        void play() throws IOException, InterruptedException;
    }

    private Peers() {}

    /** For stories that never wait: a few threads play all of them. */
    static void quick(Run run, Story story) throws InterruptedException {
        play(run, Math.min(QUICK_THREADS, run.sockets()), story);
    }

    /** For stories that wait: all of them at the same time. */
    static void together(Run run, Story story) throws InterruptedException {
        play(run, run.sockets(), story);
    }

    private static void play(Run run, int threads, Story story) throws InterruptedException {
        var left = new AtomicInteger(run.sockets());
        List<Thread> players = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            var player = new Thread(
                    () -> {
                        while (left.getAndDecrement() > 0) {
                            playOne(run, story);
                        }
                    },
                    "peer-" + i);
            player.setDaemon(true);
            player.start();
            players.add(player);
        }
        long giveUp = System.nanoTime()
                + TimeUnit.SECONDS.toNanos(GIVE_UP_SECONDS)
                + run.reaperTimeout().toNanos() * 4;
        for (var player : players) {
            player.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(giveUp - System.nanoTime())));
            if (player.isAlive()) {
                run.damaged("client: " + player.getName() + " did not come to its end");
            }
        }
    }

    private static void playOne(Run run, Story story) {
        try {
            story.play();
        } catch (IOException e) {
            if (Peer.isReset(e)) {
                run.peerReset();
            }
            run.damaged("client: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
