package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** {@code java.net.Socket} accepted from a {@code ServerSocket}; the server forgets it after the half-close. */
public final class ClassicSocket implements Scenario {
    private static final int BACKLOG = 1024;

    @Override
    public String name() {
        return "classic-socket";
    }

    @Override
    public String summary() {
        return "java.net.Socket, accepted, half-closed and forgotten in a registry";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var listener = new ServerSocket()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            var acceptor = new Thread(() -> accept(run, listener), "acceptor");
            acceptor.setDaemon(true);
            acceptor.start();
            Farewell.playClients(run, (InetSocketAddress) listener.getLocalSocketAddress());
        }
    }

    private static void accept(Run run, ServerSocket listener) {
        try {
            while (true) {
                var socket = listener.accept();
                run.opened();
                run.keep(socket);
                serve(socket);
                run.halfClosed();
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                run.damaged("server: " + e);
            }
        }
    }

    private static void serve(Socket socket) throws IOException {
        var out = socket.getOutputStream();
        out.write(Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().readNBytes(Farewell.HELLO.length());
        out.write(Farewell.END.getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
    }
}
