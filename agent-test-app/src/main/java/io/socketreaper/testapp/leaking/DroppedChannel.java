package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;

/** As blocking-mode, but nothing refers to the channel any more; the JDK never closes the descriptor of a dropped channel. */
public final class DroppedChannel implements Scenario {
    private static final int COLLECT_EVERY_MILLIS = 200;

    @Override
    public String name() {
        return "dropped-channel";
    }

    @Override
    public String summary() {
        return "as blocking-mode, the channel is dropped and garbage-collected";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = ThreadPerConnectionServer.forgetful(run, BlockingMode::serve)) {
            Farewell.playClients(run, server.address());
        }
        var collections = new Thread(DroppedChannel::collectNowAndThen, "collections");
        collections.setDaemon(true);
        collections.start();
        run.endWith(collections::interrupt);
    }

    /** An application with work to do would collect by itself. */
    private static void collectNowAndThen() {
        try {
            while (true) {
                System.gc();
                Thread.sleep(COLLECT_EVERY_MILLIS);
            }
        } catch (InterruptedException over) {
            // the run has ended
        }
    }
}
