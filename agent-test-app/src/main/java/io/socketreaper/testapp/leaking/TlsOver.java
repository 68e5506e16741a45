package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import io.socketreaper.testapp.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A TLS 1.2 client ends its session by a close_notify and keeps its socket. The server's JDK answers with its own close_notify and
 * the FIN when the server reads the end of input; the server forgets the socket without closing it.
 */
public final class TlsOver implements Scenario {
    @Override
    public String name() {
        return "tls-over";
    }

    @Override
    public String summary() {
        return "TLS 1.2 session ended by both sides, its socket never closed";
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
        try (var listener =
                tls.getServerSocketFactory().createServerSocket(0, run.sockets(), InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < run.sockets(); i++) {
                playOne(run, tls, listener);
            }
        }
    }

    private static void playOne(Run run, SSLContext tls, ServerSocket listener)
            throws IOException, InterruptedException {
        var plain = new Socket(listener.getInetAddress(), listener.getLocalPort());
        run.peerOpened();
        run.endWith(plain);
        var client = (SSLSocket) tls.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), false);
        client.setEnabledProtocols(new String[] {"TLSv1.2"});
        var accepted = (SSLSocket) listener.accept();
        run.opened();
        run.keep(accepted);
        var server = new Thread(() -> serve(run, accepted), "server");
        server.setDaemon(true);
        server.start();
        client.getOutputStream().write(Farewell.HELLO.getBytes(StandardCharsets.US_ASCII));
        var reply = new String(client.getInputStream().readNBytes(Farewell.END.length()), StandardCharsets.US_ASCII);
        if (reply.equals(Farewell.END)) {
            run.replyComplete();
        }
        client.shutdownOutput();
        if (client.getInputStream().read() < 0) {
            run.peerEof();
        }
        server.join();
    }

    private static void serve(Run run, SSLSocket socket) {
        try {
            var input = socket.getInputStream();
            input.readNBytes(Farewell.HELLO.length());
            socket.getOutputStream().write(Farewell.END.getBytes(StandardCharsets.US_ASCII));
            if (input.read() >= 0) {
                run.damaged("server: more input than was sent");
            }
            run.halfClosed();
            run.lastLook(() -> stillTellsTheEnd(run, input));
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    /** Released or not, all input was delivered, and a server that comes back to it is told so again. */
    private static void stillTellsTheEnd(Run run, InputStream input) {
        try {
            if (input.read() >= 0) {
                run.damaged("server: more input than was sent");
            }
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }
}
