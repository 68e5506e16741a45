package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A client half-closes and waits with OP_READ set for an answer that takes three timeouts to compute. */
public final class LongWait extends WellBehaved {
    private static final int ANSWER_BYTES = 256 * 1024;

    @Override
    public String name() {
        return "long-wait";
    }

    @Override
    public String summary() {
        return "half-closed client with OP_READ set, answered after three timeouts";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var ends = attempt.sockets().connect();
        var exchange = new Exchange(attempt.connection(), ANSWER_BYTES);
        attempt.act("server", () -> {
            exchange.hear(ends.server());
            attempt.pause(attempt.timeouts(3, 1));
            exchange.answer(ends.server());
        });
        attempt.act("client", () -> await(attempt, ends.client(), exchange));
    }

    private static void await(Attempt attempt, SocketChannel server, Exchange exchange) throws Exception {
        server.configureBlocking(false);
        // The selector is closed after the channel: until then the channel would keep its descriptor.
        try (var selector = attempt.sockets().selector();
                server) {
            server.register(selector, SelectionKey.OP_READ);
            exchange.ask(server);
            var tally = exchange.reply().tally();
            var buffer = ByteBuffer.allocate(16 * 1024);
            do {
                tally.take(buffer);
                selector.select();
                selector.selectedKeys().clear();
            } while (server.read(buffer) >= 0);
            attempt.peerEof();
            tally.complete();
            attempt.replyComplete();
        }
    }
}
