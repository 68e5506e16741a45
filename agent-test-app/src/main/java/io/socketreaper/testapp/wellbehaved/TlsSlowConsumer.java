package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSocket;

/**
 * A half-closed TLS client that reads its answer two kilobytes at a time, with pauses shorter than the timeout. A record holds
 * eight times as much, so the socket below rests for two timeouts while the application reads what was decrypted. Every other
 * client stands before a channel's adaptor.
 */
public final class TlsSlowConsumer extends WellBehaved {
    private static final int CHUNK = 2 * 1024;
    private static final int CHUNKS = 12;

    @Override
    public String name() {
        return "tls-slow-consumer";
    }

    @Override
    public String summary() {
        return "half-closed TLS client, reads the records of a checksummed reply bit by bit";
    }

    @Override
    public String unsupportedBecause() {
        return Tls.missingBecause();
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var tls = TlsLongWait.context();
        var exchange = new Exchange(attempt.connection(), CHUNKS * CHUNK);
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var plain = attempt.sockets()
                    .own(
                            attempt.connection() % 2 == 0
                                    ? new Socket(listener.getInetAddress(), listener.getLocalPort())
                                    : SocketChannel.open(listener.getLocalSocketAddress())
                                            .socket());
            var accepted = attempt.sockets().own(listener.accept());
            attempt.act("server", () -> {
                try (var server = (SSLSocket) tls.getSocketFactory().createSocket(accepted, null, true)) {
                    server.setUseClientMode(false);
                    TlsLongWait.receive(server.getInputStream(), exchange.request());
                    server.getOutputStream().write(exchange.reply().buffer().array());
                }
            });
            attempt.act("client", () -> {
                try (var client =
                        (SSLSocket) tls.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true)) {
                    client.getOutputStream().write(exchange.request().buffer().array());
                    consume(attempt, client, exchange);
                }
            });
        }
    }

    private static void consume(Attempt attempt, SSLSocket client, Exchange exchange) throws Exception {
        var input = Channels.newChannel(client.getInputStream());
        var quiet = attempt.quiet();
        quiet.begins();
        client.shutdownOutput();
        var tally = exchange.reply().tally();
        var chunk = ByteBuffer.allocate(CHUNK);
        while (quiet.awaitAndRead(input, chunk) >= 0) {
            tally.take(chunk);
            attempt.pause(attempt.timeouts(1, 4));
        }
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
        quiet.ends();
    }
}
