package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A client of a unix-domain socket half-closes and blocks in read until its answer comes, three timeouts later. */
public final class UnixWait extends WellBehaved {
    private static final int ANSWER_BYTES = 256 * 1024;

    @Override
    public String name() {
        return "unix-wait";
    }

    @Override
    public String summary() {
        return "half-closed client of a unix-domain socket, answered after three timeouts";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var ends = attempt.sockets().connectUnix();
        var exchange = new Exchange(attempt.connection(), ANSWER_BYTES);
        attempt.act("server", () -> {
            exchange.hear(ends.server());
            attempt.pause(attempt.timeouts(3, 1));
            exchange.answer(ends.server());
        });
        attempt.act("client", () -> read(attempt, ends.client(), exchange));
    }

    private static void read(Attempt attempt, SocketChannel server, Exchange exchange) throws Exception {
        var quiet = attempt.quiet();
        quiet.begins();
        exchange.ask(server);
        var tally = exchange.reply().tally();
        var buffer = ByteBuffer.allocate(16 * 1024);
        while (quiet.awaitAndRead(server, buffer) >= 0) {
            tally.take(buffer);
        }
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
        quiet.ends();
        server.close();
    }
}
