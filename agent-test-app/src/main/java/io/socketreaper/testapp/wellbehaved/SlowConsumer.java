package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.wellbehaved.Payload.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A client half-closes its request and downloads the reply chunk by chunk. Between chunks it wants nothing while unread
 * bytes (in the end only the EOF) wait for it: at every moment of a pause it looks like a leak, only not for long.
 */
public final class SlowConsumer extends WellBehaved {
    private static final int CHUNK = 48 * 1024;
    private static final int CHUNKS = 12;

    @Override
    public String name() {
        return "slow-consumer";
    }

    @Override
    public String summary() {
        return "half-closed client, reads a checksummed reply with pauses shorter than the timeout";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var ends = attempt.sockets().connect();
        var exchange = new Exchange(attempt.connection(), CHUNKS * CHUNK);
        attempt.act("server", () -> {
            exchange.hear(ends.server());
            exchange.answer(ends.server());
        });
        boolean selecting = attempt.connection() % 2 == 0;
        attempt.act("client", () -> {
            if (selecting) {
                consumeSelecting(attempt, ends.client(), exchange);
            } else {
                consumeBlocking(attempt, ends.client(), exchange, CHUNK);
            }
        });
    }

    private static void consumeSelecting(Attempt attempt, SocketChannel server, Exchange exchange) throws Exception {
        server.configureBlocking(false);
        var selector = attempt.sockets().selector();
        var key = server.register(selector, 0);
        var quiet = attempt.quiet();
        quiet.begins();
        exchange.ask(server);
        var tally = exchange.reply().tally();
        var chunk = ByteBuffer.allocate(CHUNK);
        boolean ended = false;
        while (!ended) {
            pauseSelecting(selector, attempt.timeouts(1, 4));
            key.interestOps(SelectionKey.OP_READ);
            quiet.ends();
            while (chunk.hasRemaining() && !ended) {
                selector.select();
                selector.selectedKeys().clear();
                ended = server.read(chunk) < 0;
            }
            tally.take(chunk);
            quiet.begins();
            key.interestOps(0);
        }
        finish(attempt, server, quiet, tally);
        // The channel keeps its descriptor for as long as it is registered.
        selector.close();
    }

    private static void pauseSelecting(Selector selector, Duration duration) throws IOException {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        }
    }

    /** Nobody reads during the pauses, and no selector knows the channel. */
    static void consumeBlocking(Attempt attempt, SocketChannel server, Exchange exchange, int chunkBytes)
            throws Exception {
        var quiet = attempt.quiet();
        quiet.begins();
        exchange.ask(server);
        var tally = exchange.reply().tally();
        var chunk = ByteBuffer.allocate(chunkBytes);
        boolean ended = false;
        while (!ended) {
            attempt.pause(attempt.timeouts(1, 4));
            while (chunk.hasRemaining() && !ended) {
                ended = quiet.awaitAndRead(server, chunk) < 0;
            }
            tally.take(chunk);
        }
        finish(attempt, server, quiet, tally);
    }

    private static void finish(Attempt attempt, SocketChannel server, Quiet quiet, Payload.Tally tally)
            throws IOException, Damage, Quiet.TooLong {
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
        quiet.ends();
        server.close();
    }
}
