package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An asynchronous client half-closes and has a read pending until the answer comes, three timeouts later; by turns it is
 * completed by a future, by a handler, or by a handler with a time limit. Every fourth client reads nothing for half a
 * timeout although the answer has begun to come.
 */
public final class AsyncLateReader extends WellBehaved {
    private static final int ANSWER_BYTES = 256 * 1024;
    private static final int READ_SECONDS = 60;

    private enum Reader {
        FUTURE,
        HANDLER,
        TIMED,
        DAWDLING
    }

    @Override
    public String name() {
        return "async-late-reader";
    }

    @Override
    public String summary() {
        return "half-closed AsynchronousSocketChannel client with a read pending, answered after three timeouts";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var exchange = new Exchange(attempt.connection(), ANSWER_BYTES);
        var listener = attempt.sockets()
                .own(AsynchronousServerSocketChannel.open())
                .bind(new InetSocketAddress("127.0.0.1", 0));
        var client = attempt.sockets().own(AsynchronousSocketChannel.open());
        var accepted = listener.accept();
        var connected = client.connect(listener.getLocalAddress());
        attempt.act("server", () -> {
            connected.get();
            var server = attempt.sockets().own(accepted.get());
            listener.close();
            hear(server, exchange);
            var half = exchange.reply().buffer();
            attempt.pause(attempt.timeouts(3, 1));
            half.limit(ANSWER_BYTES / 2);
            sendAll(server, half);
            sendAll(server, half.limit(ANSWER_BYTES));
            server.close();
        });
        attempt.act("client", () -> {
            connected.get();
            read(attempt, client, exchange, Reader.values()[attempt.connection() % Reader.values().length]);
        });
    }

    private static void hear(AsynchronousSocketChannel client, Exchange exchange) throws Exception {
        var tally = exchange.request().tally();
        var buffer = ByteBuffer.allocate(1024);
        while (client.read(buffer).get() >= 0) {
            tally.take(buffer);
        }
        tally.complete();
    }

    private static void sendAll(AsynchronousSocketChannel to, ByteBuffer bytes) throws Exception {
        while (bytes.hasRemaining()) {
            to.write(bytes).get();
        }
    }

    private static void read(Attempt attempt, AsynchronousSocketChannel server, Exchange exchange, Reader reader)
            throws Exception {
        var quiet = attempt.quiet();
        sendAll(server, exchange.request().buffer());
        quiet.begins();
        server.shutdownOutput();
        var tally = exchange.reply().tally();
        var buffer = ByteBuffer.allocate(16 * 1024);
        for (int count = 0; count >= 0; ) {
            tally.take(buffer);
            quiet.ends();
            count = readOnce(server, buffer, reader);
            quiet.begins();
            if (reader == Reader.DAWDLING && buffer.position() > 0) {
                attempt.pause(attempt.timeouts(1, 20));
            }
        }
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
        quiet.ends();
        server.close();
    }

    private static int readOnce(AsynchronousSocketChannel from, ByteBuffer into, Reader reader) throws Exception {
        if (reader == Reader.FUTURE) {
            return from.read(into).get();
        }
        var result = new CompletableFuture<Integer>();
        if (reader == Reader.TIMED) {
            from.read(into, READ_SECONDS, TimeUnit.SECONDS, null, new Completion(result));
        } else {
            from.read(into, null, new Completion(result));
        }
        return result.get();
    }

    private record Completion(CompletableFuture<Integer> result) implements CompletionHandler<Integer, Void> {
        @Override
        public void completed(Integer count, Void nothing) {
            result.complete(count);
        }

        @Override
        public void failed(Throwable failure, Void nothing) {
            result.completeExceptionally(failure);
        }
    }
}
