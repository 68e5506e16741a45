package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import io.socketreaper.testapp.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * {@code SSLSocket}, from an {@code SSLServerSocket} and layered over an accepted {@code Socket} by turns, with TLS 1.2 and
 * 1.3 by turns: half-closed after its last reply, and forgotten.
 */
public final class TlsSocket implements Scenario {
    private static final int BACKLOG = 1024;
    private static final int THREADS = 8;
    private static final int GIVE_UP_MILLIS = 60_000;

    @Override
    public String name() {
        return "tls-socket";
    }

    @Override
    public String summary() {
        return "SSLSocket, its own or layered, half-closed and forgotten in a registry";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public String unsupportedBecause() {
        return Tls.missingBecause();
    }

    @Override
    public void play(Run run) throws Exception {
        var tls = Tls.context();
        var loopback = InetAddress.getLoopbackAddress();
        var threads = Executors.newFixedThreadPool(THREADS, task -> {
            var thread = new Thread(task, "worker");
            thread.setDaemon(true);
            return thread;
        });
        run.endWith(threads::shutdownNow);
        var clients = new AtomicInteger();
        var closed = new AtomicInteger();
        run.extra("ssl_closed", closed::get);
        try (var own = tls.getServerSocketFactory().createServerSocket(0, BACKLOG, loopback);
                var layered = new ServerSocket(0, BACKLOG, loopback)) {
            start(() -> accept(run, tls, threads, own, closed));
            start(() -> accept(run, tls, threads, layered, closed));
            Peers.quick(run, () -> {
                int client = clients.getAndIncrement();
                var server = client % 2 == 0 ? own : layered;
                playClient(
                        run,
                        tls,
                        (InetSocketAddress) server.getLocalSocketAddress(),
                        client % 4 < 2 ? "TLSv1.2" : "TLSv1.3");
            });
        }
    }

    private static void start(Runnable task) {
        var thread = new Thread(task, "acceptor");
        thread.setDaemon(true);
        thread.start();
    }

    private static void accept(
            Run run, SSLContext tls, ExecutorService threads, ServerSocket listener, AtomicInteger closed) {
        try {
            while (true) {
                var accepted = listener.accept();
                run.opened();
                threads.execute(() -> serve(run, tls, accepted, closed));
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                run.damaged("server: " + e);
            }
        }
    }

    private static void serve(Run run, SSLContext tls, Socket accepted, AtomicInteger closed) {
        try {
            var socket = accepted instanceof SSLSocket own
                    ? own
                    : (SSLSocket) tls.getSocketFactory().createSocket(accepted, null, true);
            run.keep(socket);
            socket.setUseClientMode(false);
            var out = socket.getOutputStream();
            out.write(Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(Farewell.HELLO.length());
            out.write(Farewell.END.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            run.halfClosed();
            run.lastLook(() -> neverEndsWell(run, socket, closed));
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    /** If it was released, the server that comes back to it must see a failure, whatever was discarded. */
    private static void neverEndsWell(Run run, SSLSocket socket, AtomicInteger closed) {
        if (socket.isClosed()) {
            closed.incrementAndGet();
            try {
                run.damaged("server: a released socket reads "
                        + socket.getInputStream().read());
            } catch (IOException e) {
                // as it should
            }
        }
    }

    /** One client of the run: it reads the reply up to the server's end, has the last word if its TLS lets it, and closes. */
    static void playClient(Run run, SSLContext tls, InetSocketAddress server, String protocol) throws IOException {
        try (var peer = (SSLSocket) tls.getSocketFactory().createSocket(server.getAddress(), server.getPort())) {
            run.peerOpened();
            try {
                peer.setSoTimeout(GIVE_UP_MILLIS);
                peer.setEnabledProtocols(new String[] {protocol});
                converse(run, peer);
            } finally {
                run.peerClosing();
            }
        }
    }

    private static void converse(Run run, SSLSocket server) throws IOException {
        var in = server.getInputStream();
        expect(new String(in.readNBytes(Farewell.WELCOME.length()), StandardCharsets.US_ASCII), Farewell.WELCOME);
        server.getOutputStream().write(Farewell.HELLO.getBytes(StandardCharsets.US_ASCII));
        expect(new String(in.readNBytes(Farewell.END.length()), StandardCharsets.US_ASCII), Farewell.END);
        run.replyComplete();
        expect(Integer.toString(in.read()), "-1");
        run.peerEof();
        if (server.getSession().getProtocol().equals("TLSv1.3")) {
            // With 1.2 the client's TLS has answered the server's end with its own.
            server.getOutputStream().write(Farewell.LAST_WORD);
        }
    }

    private static void expect(String got, String expected) throws IOException {
        if (!got.equals(expected)) {
            throw new IOException("got '" + got.strip() + "' instead of '" + expected.strip() + "'");
        }
    }
}
