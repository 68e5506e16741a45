package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A game server welcomes its guests and parks each connection in a map until a game begins, which never happens. The guests stay. No
 * single connection is proven to be a leak: {@code open} finds the line that accepts them by their number.
 */
public final class ParkedConnections extends Forgotten {
    private static final long PAUSE_MILLIS = 200;

    public ParkedConnections() {
        super("parked-connections", "a server parks accepted connections in a map: they pile up (track=all)");
    }

    /** Where guests wait for a game. */
    private static final class Lobby {
        private static final Map<String, Socket> parked = new ConcurrentHashMap<>();
        private final ServerSocket listener;

        Lobby(ServerSocket listener) {
            this.listener = listener;
        }

        void admitNext() throws IOException {
            var socket = accept();
            var guest = OtherSide.reader(socket).readLine();
            OtherSide.write(socket, OtherSide.WELCOME);
            parked.put(guest, socket);
        }

        private Socket accept() throws IOException {
            return listener.accept();
        }

        static void empty() throws IOException {
            for (var socket : parked.values()) {
                socket.close();
            }
            parked.clear();
        }
    }

    @Override
    public void play(Run run) throws Exception {
        try (var listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            var lobby = new Lobby(listener);
            var guests = OtherSide.start(
                    OtherSide.GUESTS,
                    Integer.toString(listener.getLocalPort()),
                    Integer.toString(run.sockets()),
                    Long.toString(PAUSE_MILLIS));
            run.endWith(guests);
            run.endWith(Lobby::empty);
            for (int i = 0; i < run.sockets(); i++) {
                lobby.admitNext();
                run.opened();
                run.forgotten();
                var said = guests.next();
                if (OtherSide.WELCOME.equals(said)) {
                    run.replyComplete();
                } else {
                    run.damaged("guest: was told " + said);
                }
            }
        }
    }
}
