package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A client half-closes and gets its answer in pieces, half a timeout apart: the server stands in CLOSE_WAIT all the while. */
public final class LongAnswer extends WellBehaved {
    private static final int PIECES = 8;
    private static final int ANSWER_BYTES = PIECES * 16 * 1024;

    @Override
    public String name() {
        return "long-answer";
    }

    @Override
    public String summary() {
        return "server in CLOSE_WAIT that writes its answer over four timeouts";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var ends = attempt.sockets().connect();
        var exchange = new Exchange(attempt.connection(), ANSWER_BYTES);
        attempt.act("server", () -> answer(attempt, ends.server(), exchange));
        attempt.act("client", () -> read(attempt, ends.client(), exchange));
    }

    private static void answer(Attempt attempt, SocketChannel client, Exchange exchange) throws Exception {
        exchange.hear(client);
        var answer = exchange.reply().buffer();
        var quiet = attempt.quiet();
        quiet.begins();
        for (int i = 0; i < PIECES; i++) {
            attempt.pause(attempt.timeouts(1, 2));
            quiet.ends();
            answer.limit(answer.position() + ANSWER_BYTES / PIECES);
            Exchange.sendAll(client, answer);
            quiet.begins();
        }
        quiet.ends();
        client.close();
    }

    private static void read(Attempt attempt, SocketChannel server, Exchange exchange) throws Exception {
        try (server) {
            exchange.ask(server);
            var tally = exchange.reply().tally();
            var buffer = ByteBuffer.allocate(16 * 1024);
            while (server.read(buffer) >= 0) {
                tally.take(buffer);
            }
            attempt.peerEof();
            tally.complete();
            attempt.replyComplete();
        }
    }
}
