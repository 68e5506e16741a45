package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A TLS client is idle for two timeouts, with the server's session tickets unread; then it asks, half-closes, and waits in
 * read for an answer that takes three timeouts. Every other client layers its {@code SSLSocket} over a {@code Socket} that
 * it keeps for itself (autoClose off): that one sends close_notify and no FIN.
 */
public final class TlsLongWait extends WellBehaved {
    private static final int ANSWER_BYTES = 256 * 1024;
    private static final int CHUNK_BYTES = 16 * 1024;

    private static final class Holder {
        static final SSLContext TLS = make();

        private static SSLContext make() {
            try {
                return Tls.context();
            } catch (IOException | GeneralSecurityException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public String name() {
        return "tls-long-wait";
    }

    @Override
    public String summary() {
        return "idle TLS client, then half-closed and blocked in read, answered after three timeouts";
    }

    @Override
    public String unsupportedBecause() {
        return Tls.missingBecause();
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var tls = context();
        var exchange = new Exchange(attempt.connection(), ANSWER_BYTES);
        var listener = attempt.sockets().own(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        boolean keeps = attempt.connection() % 2 == 1;
        var plain = attempt.sockets().own(new java.net.Socket(listener.getInetAddress(), listener.getLocalPort()));
        var accepted = attempt.sockets().own(listener.accept());
        listener.close();
        attempt.act("server", () -> {
            try (var server = (SSLSocket) tls.getSocketFactory().createSocket(accepted, null, true)) {
                server.setUseClientMode(false);
                receive(server.getInputStream(), exchange.request());
                attempt.pause(attempt.timeouts(3, 1));
                server.getOutputStream().write(exchange.reply().buffer().array());
            }
        });
        attempt.act("client", () -> {
            var client = (SSLSocket) tls.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), !keeps);
            client.startHandshake();
            attempt.pause(attempt.timeouts(2, 1));
            var quiet = attempt.quiet();
            client.getOutputStream().write(exchange.request().buffer().array());
            quiet.begins();
            client.shutdownOutput();
            var input = client.getInputStream();
            quiet.ends();
            receive(input, exchange.reply());
            attempt.peerEof();
            attempt.replyComplete();
            client.close();
            plain.close();
        });
    }

    static SSLContext context() {
        return Holder.TLS;
    }

    static void receive(InputStream from, Payload payload) throws Exception {
        var tally = payload.tally();
        var chunk = new byte[CHUNK_BYTES];
        for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
            var taken = ByteBuffer.wrap(chunk);
            taken.position(count);
            tally.take(taken);
        }
        tally.complete();
    }
}
