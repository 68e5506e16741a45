package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** {@code java.net.Socket}s that are dropped without close: sloppy, but the JDK's Cleaner frees what the collector finds. */
public final class DroppedSocket implements Scenario {
    private static final int COLLECT_EVERY_MILLIS = 200;
    /** Long enough for an agent that looks at them to have looked more than once. */
    private static final int KEPT_MILLIS = 1000;

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
        var kept = new ArrayList<Socket>();
        try (var listener = new ServerSocket(0, run.sockets(), InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < run.sockets(); i++) {
                exchange(run, listener, kept);
            }
        }
        Thread.sleep(KEPT_MILLIS);
        kept.clear();
        var collections = new Thread(DroppedSocket::collectNowAndThen, "collections");
        collections.setDaemon(true);
        collections.start();
        run.endWith(collections::interrupt);
    }

    private static void exchange(Run run, ServerSocket listener, List<Socket> kept) throws IOException {
        var client = new Socket(listener.getInetAddress(), listener.getLocalPort());
        var server = listener.accept();
        kept.add(client);
        kept.add(server);
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
