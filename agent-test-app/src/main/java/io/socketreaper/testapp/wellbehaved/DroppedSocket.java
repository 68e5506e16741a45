package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** {@code java.net.Socket}s that are dropped without close: sloppy, but the JDK's Cleaner frees what the collector finds. */
public final class DroppedSocket implements Scenario {
    private static final int COLLECT_EVERY_MILLIS = 200;

    @Override
    public String name() {
        return "dropped-socket";
    }

    @Override
    public String summary() {
        return "java.net.Sockets dropped without close, reclaimed by the JDK's Cleaner";
    }

    @Override
    public boolean leaks() {
        return false;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var listener = new ServerSocket(0, run.sockets(), InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < run.sockets(); i++) {
                exchange(run, listener);
            }
        }
        var collections = new Thread(DroppedSocket::collectNowAndThen, "collections");
        collections.setDaemon(true);
        collections.start();
        run.endWith(collections::interrupt);
    }

    private static void exchange(Run run, ServerSocket listener) throws IOException {
        var client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        var server = listener.accept();
        run.opened();
        server.getOutputStream().write(1);
        if (client.getInputStream().read() == 1) {
            run.replyComplete();
        } else {
            run.damaged("client: a wrong reply");
        }
    }

    private static void collectNowAndThen() {
        try {
            while (true) {
                Thread.sleep(COLLECT_EVERY_MILLIS);
                System.gc();
            }
        } catch (InterruptedException over) {
            // the run has ended
        }
    }
}
