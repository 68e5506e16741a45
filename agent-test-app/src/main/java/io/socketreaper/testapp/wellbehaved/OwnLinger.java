package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.wellbehaved.Quiet.TooLong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A server replies, half-closes and lingers as RFC 9112 §9.6 asks: it reads and throws away what the client still
 * sends, up to the client's own end. It checks every byte, so an agent that took one would be noticed.
 */
public final class OwnLinger extends WellBehaved {
    private static final int REPLY_BYTES = 64 * 1024;
    private static final int DROPS = 16;
    private static final int DROP_BYTES = 6;

    /** How a server waits for what the client still sends. */
    private enum Lingering {
        BLOCKED_IN_READ,
        SELECTING,
        LOOKING_NOW_AND_THEN
    }

    @Override
    public String name() {
        return "own-linger";
    }

    @Override
    public String summary() {
        return "half-closed server that does its own lingering close while the client keeps sending";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var ends = attempt.sockets().connect();
        // Here the client's part of the exchange is the drops that nobody wants.
        var reply = new Payload(attempt.connection(), REPLY_BYTES);
        var drops = new Payload(-1L - attempt.connection(), DROPS * DROP_BYTES);
        var lingering = Lingering.values()[attempt.connection() % Lingering.values().length];
        attempt.act("server", () -> {
            var received = drops.tally();
            Exchange.sendAll(ends.server(), reply.buffer());
            switch (lingering) {
                case BLOCKED_IN_READ -> lingerBlocked(attempt, ends.server(), received);
                case SELECTING -> lingerSelecting(attempt, ends.server(), received);
                case LOOKING_NOW_AND_THEN -> lingerLooking(attempt, ends.server(), received);
            }
            received.complete();
        });
        attempt.act("client", () -> {
            receive(attempt, ends.client(), reply);
            dribble(attempt, ends.client(), drops);
        });
    }

    private static void lingerBlocked(Attempt attempt, SocketChannel client, Payload.Tally received) throws Exception {
        var quiet = attempt.quiet();
        quiet.begins();
        client.shutdownOutput();
        var buffer = ByteBuffer.allocate(1024);
        while (quiet.awaitAndRead(client, buffer) >= 0) {
            received.take(buffer);
        }
        close(client, quiet);
    }

    private static void lingerSelecting(Attempt attempt, SocketChannel client, Payload.Tally received)
            throws Exception {
        client.configureBlocking(false);
        try (var selector = attempt.sockets().selector();
                client) {
            client.register(selector, SelectionKey.OP_READ);
            client.shutdownOutput();
            var buffer = ByteBuffer.allocate(1024);
            do {
                received.take(buffer);
                selector.select();
                selector.selectedKeys().clear();
            } while (client.read(buffer) >= 0);
        }
    }

    /** A timer instead of a selector: between two looks nobody wants to read, and drops wait unread. */
    private static void lingerLooking(Attempt attempt, SocketChannel client, Payload.Tally received) throws Exception {
        client.configureBlocking(false);
        var quiet = attempt.quiet();
        quiet.begins();
        client.shutdownOutput();
        var buffer = ByteBuffer.allocate(1024);
        while (quiet.read(client, buffer) >= 0) {
            received.take(buffer);
            attempt.pause(attempt.timeouts(1, 4));
        }
        close(client, quiet);
    }

    private static void close(SocketChannel client, Quiet quiet) throws IOException, TooLong {
        quiet.ends();
        client.close();
    }

    private static void receive(Attempt attempt, SocketChannel server, Payload reply) throws Exception {
        var tally = reply.tally();
        var buffer = ByteBuffer.allocate(16 * 1024);
        while (server.read(buffer) >= 0) {
            tally.take(buffer);
        }
        attempt.peerEof();
        tally.complete();
        attempt.replyComplete();
    }

    private static void dribble(Attempt attempt, SocketChannel server, Payload drops) throws Exception {
        var bytes = drops.buffer();
        for (int drop = 0; drop < DROPS; drop++) {
            attempt.pause(attempt.timeouts(1, 8));
            Exchange.sendAll(server, bytes.slice(drop * DROP_BYTES, DROP_BYTES));
        }
        server.close();
    }
}
