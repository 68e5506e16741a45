package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A leak without a half-close of ours: the client gets its reply and goes, and the server forgets the connection. */
abstract class Forgotten implements Scenario {
    private static final long LOOK_EVERY_MILLIS = 10;
    private static final int MOST_LOOKS = 3000;
    private static final int COLLECT_EVERY_MILLIS = 200;

    private final String name;
    private final String summary;

    Forgotten(String name, String summary) {
        this.name = name;
        this.summary = summary;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String summary() {
        return summary;
    }

    @Override
    public final boolean leaks() {
        return true;
    }

    /** All clients of the run: each gets its reply and closes; ends when the server has forgotten as many. */
    static void playClients(Run run, InetSocketAddress server) throws InterruptedException {
        Peers.quick(run, () -> {
            try (var peer = new Peer(run, server)) {
                peer.expect(Farewell.WELCOME);
                run.replyComplete();
                leave(peer);
            }
        });
        awaitForgotten(run);
    }

    private static void leave(Peer peer) throws IOException {
        peer.send(Farewell.HELLO);
    }

    static void awaitForgotten(Run run) throws InterruptedException {
        for (int i = 0; i < MOST_LOOKS && run.halfClosedCount() < run.sockets(); i++) {
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
        if (run.halfClosedCount() < run.sockets()) {
            run.damaged("server: only " + run.halfClosedCount() + " connections were played to the end");
        }
    }

    /** An application with work to do would collect by itself. */
    static void collectNowAndThen(Run run) {
        var collections = new Thread(
                () -> {
                    try {
                        while (true) {
                            System.gc();
                            Thread.sleep(COLLECT_EVERY_MILLIS);
                        }
                    } catch (InterruptedException over) {
                        // the run has ended
                    }
                },
                "collections");
        collections.setDaemon(true);
        collections.start();
        run.endWith(collections::interrupt);
    }
}
