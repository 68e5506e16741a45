package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A thread per {@code java.net.Socket}: it reads to the end and returns without closing, the socket stays in a registry. */
public final class CloseWaitSocket extends Forgotten {
    private static final int BACKLOG = 1024;
    private static final int THREADS = 8;

    public CloseWaitSocket() {
        super("close-wait-socket", "thread reads a java.net.Socket to its end and forgets to close it (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var workers = Executors.newFixedThreadPool(THREADS, task -> {
            var thread = new Thread(task, "worker");
            thread.setDaemon(true);
            return thread;
        });
        run.endWith(workers::shutdownNow);
        try (var listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())) {
            var acceptor = new Thread(() -> accept(run, listener, workers), "acceptor");
            acceptor.setDaemon(true);
            acceptor.start();
            playClients(run, (InetSocketAddress) listener.getLocalSocketAddress());
        }
    }

    private static void accept(Run run, ServerSocket listener, ExecutorService workers) {
        try {
            while (true) {
                var socket = listener.accept();
                run.opened();
                run.keep(socket);
                workers.execute(() -> serve(run, socket));
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                run.damaged("server: " + e);
            }
        }
    }

    private static void serve(Run run, Socket socket) {
        try {
            socket.getOutputStream().write(Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
            run.forgotten();
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }
}
