package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;

/**
 * A client half-closes and a thread of it blocks in read until the answer comes, three timeouts later. The read goes
 * through the channel, through the stream of its socket adaptor and, where the JVM has them, from a virtual thread.
 */
public final class LateReader extends WellBehaved {
    private static final int ANSWER_BYTES = 256 * 1024;

    private enum Reader {
        CHANNEL,
        STREAM,
        VIRTUAL_CHANNEL,
        VIRTUAL_STREAM
    }

    @Override
    public String name() {
        return "late-reader";
    }

    @Override
    public String summary() {
        return "half-closed client with a thread blocked in read, answered after three timeouts";
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
        int readers = hasVirtualThreads() ? 4 : 2;
        var reader = Reader.values()[attempt.connection() % readers];
        var channel = ends.client();
        switch (reader) {
            case CHANNEL -> attempt.act("channel reader", () -> read(attempt, channel, channel, exchange));
            case STREAM -> attempt.act("stream reader", () -> read(attempt, channel, stream(channel), exchange));
            case VIRTUAL_CHANNEL ->
                attempt.act(
                        "virtual channel reader", () -> read(attempt, channel, channel, exchange), virtualThreads());
            case VIRTUAL_STREAM ->
                attempt.act(
                        "virtual stream reader",
                        () -> read(attempt, channel, stream(channel), exchange),
                        virtualThreads());
        }
    }

    private static ReadableByteChannel stream(SocketChannel channel) throws IOException {
        return Channels.newChannel(channel.socket().getInputStream());
    }

    private static void read(Attempt attempt, SocketChannel server, ReadableByteChannel input, Exchange exchange)
            throws Exception {
        var quiet = attempt.quiet();
        quiet.begins();
        exchange.ask(server);
        var tally = exchange.reply().tally();
        var buffer = ByteBuffer.allocate(16 * 1024);
        while (quiet.awaitAndRead(input, buffer) >= 0) {
            tally.take(buffer);
        }
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
        quiet.ends();
        server.close();
    }

    /** Before 21 they were a preview. */
    private static boolean hasVirtualThreads() {
        return Runtime.version().feature() >= 21;
    }

    /** {@code Thread.ofVirtual().factory()}, which the JDK this is compiled for does not know. */
    private static ThreadFactory virtualThreads() {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
            return (ThreadFactory) factory.invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JDK " + Runtime.version() + " has no virtual threads", e);
        }
    }
}
