package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The smallest exchange that leaks: the server says {@code welcome}, the client {@code hello}, the server {@code end}
 * and its FIN, and the client has the last word, which nobody reads.
 */
final class Farewell implements Protocol {
    static final String WELCOME = "welcome\n";
    static final String HELLO = "hello\n";
    static final String END = "end\n";
    static final byte[] LAST_WORD = "fine, u are boss\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    public void connected(LineConnection connection) throws IOException {
        connection.send(WELCOME);
    }

    @Override
    public void line(String line, LineConnection connection) throws IOException {
        connection.pause();
        connection.send(END);
        connection.end();
    }

    /** The client's part up to the server's FIN. */
    static Peer connect(Run run, InetSocketAddress server) throws IOException {
        return connect(run, server, Peer.SYSTEM_CHOICE);
    }

    static Peer connect(Run run, InetSocketAddress server, int sendBuffer) throws IOException {
        var peer = new Peer(run, server, Peer.SYSTEM_CHOICE, sendBuffer);
        try {
            peer.expect(WELCOME);
            peer.send(HELLO);
            peer.expect(END);
            peer.expectEnd();
            return peer;
        } catch (IOException e) {
            peer.close();
            throw e;
        }
    }

    /** All clients of the run: they answer the server's end with their last word and close. */
    static void playClients(Run run, InetSocketAddress server) throws InterruptedException {
        Peers.quick(run, () -> {
            try (var peer = connect(run, server)) {
                peer.sendAfterEnd(LAST_WORD);
            }
        });
    }
}
