package io.socketreaper.testapp.wellbehaved;

import io.socketreaper.testapp.wellbehaved.Payload.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One request, ended by the client's half-close, and its reply, ended by the server's close. */
record Exchange(Payload request, Payload reply) {
    /** Small enough for an empty send buffer: a non-blocking client gets rid of it at once. */
    private static final int REQUEST_BYTES = 512;

    Exchange(int connection, int replyBytes) {
        this(new Payload(2L * connection, REQUEST_BYTES), new Payload(2L * connection + 1, replyBytes));
    }

    /** The client's part: sends the whole request and half-closes. */
    void ask(SocketChannel server) throws IOException {
        sendAll(server, request.buffer());
        server.shutdownOutput();
    }

    /** The server's part, first half: reads the request up to the client's half-close. */
    void hear(SocketChannel client) throws IOException, Damage {
        var tally = request.tally();
        var buffer = ByteBuffer.allocate(REQUEST_BYTES);
        while (client.read(buffer) >= 0) {
            tally.take(buffer);
        }
        tally.complete();
    }

    /** The server's part, second half: sends the reply as fast as the client lets it, and closes. */
    void answer(SocketChannel client) throws IOException {
        sendAll(client, reply.buffer());
        client.close();
    }

    static void sendAll(SocketChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }
}
