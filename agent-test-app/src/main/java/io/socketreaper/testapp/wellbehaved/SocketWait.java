package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;

/** A client with a {@code java.net.Socket} half-closes and blocks in read until its answer comes, three timeouts later. */
public final class SocketWait extends WellBehaved {
    private static final int ANSWER_BYTES = 256 * 1024;

    @Override
    public String name() {
        return "socket-wait";
    }

    @Override
    public String summary() {
        return "half-closed client with a java.net.Socket, answered after three timeouts";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var exchange = new Exchange(attempt.connection(), ANSWER_BYTES);
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var client = attempt.sockets().own(new Socket(listener.getInetAddress(), listener.getLocalPort()));
            var server = attempt.sockets().own(listener.accept());
            attempt.act("server", () -> answer(attempt, server, exchange));
            attempt.act("client", () -> read(attempt, client, exchange));
        }
    }

    private static void answer(Attempt attempt, Socket client, Exchange exchange) throws Exception {
        var tally = exchange.request().tally();
        var buffer = ByteBuffer.wrap(client.getInputStream().readAllBytes());
        tally.take(buffer.position(buffer.limit()));
        tally.complete();
        attempt.pause(attempt.timeouts(3, 1));
        client.getOutputStream().write(exchange.reply().buffer().array());
        client.close();
    }

    private static void read(Attempt attempt, Socket server, Exchange exchange) throws Exception {
        var quiet = attempt.quiet();
        quiet.begins();
        server.getOutputStream().write(exchange.request().buffer().array());
        server.shutdownOutput();
        var tally = exchange.reply().tally();
        var buffer = ByteBuffer.allocate(16 * 1024);
        var input = Channels.newChannel(server.getInputStream());
        while (quiet.awaitAndRead(input, buffer) >= 0) {
            tally.take(buffer);
        }
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
        quiet.ends();
        server.close();
    }
}
