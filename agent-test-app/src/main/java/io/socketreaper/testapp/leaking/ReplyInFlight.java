package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;

/**
 * A 3 MB reply is still in the kernel's queues when the server half-closes, with a pipelined request unread. The client
 * reads on only after two timeouts: whoever closes this socket early cuts the reply short.
 */
public final class ReplyInFlight implements Scenario {
    private static final int LENGTH = 3 << 20;
    /** Takes the whole reply where net.core.wmem_max allows; elsewhere the client helps until the server could end. */
    private static final int SEND_BUFFER = 4 << 20;

    private static final int RECEIVE_BUFFER = 64 << 10;
    private static final int SIP = 16 << 10;

    private final byte[] body = new byte[LENGTH];

    public ReplyInFlight() {
        new Random(1).nextBytes(body);
    }

    @Override
    public String name() {
        return "reply-in-flight";
    }

    @Override
    public String summary() {
        return "3 MB of the reply are on their way at the half-close, the client reads them two timeouts later";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        var header = header(body, body.length);
        Set<Integer> ended = ConcurrentHashMap.newKeySet();
        try (var server = new LineServer(run, () -> new Download(header, ended), SEND_BUFFER)) {
            Peers.together(run, () -> {
                try (var peer = new Peer(run, server.address(), RECEIVE_BUFFER, Peer.SYSTEM_CHOICE)) {
                    peer.send("GET\n");
                    peer.expect(header);
                    peer.send("GET the next one\n");
                    readLate(peer, run, ended);
                }
            });
        }
    }

    private void readLate(Peer peer, Run run, Set<Integer> ended) throws IOException, InterruptedException {
        var received = new byte[LENGTH];
        int count = 0;
        while (!ended.contains(peer.port()) && count < LENGTH / 2) {
            Thread.sleep(50);
            if (!ended.contains(peer.port())) {
                count += Math.max(0, peer.read(received, count, SIP));
            }
        }
        Thread.sleep(run.reaperTimeout().multipliedBy(2).toMillis());
        for (int got = 0; got >= 0 && count < LENGTH; count += Math.max(0, got)) {
            got = peer.read(received, count, LENGTH - count);
        }
        if (count < LENGTH) {
            run.peerEof();
            throw new IOException("the reply ended after " + count + " of " + LENGTH + " bytes");
        }
        if (!header(received, count).equals(header(body, LENGTH))) {
            throw new IOException("the reply has the right length and a wrong checksum");
        }
        peer.expectEnd();
    }

    private static String header(byte[] bytes, int length) {
        var checksum = new CRC32();
        checksum.update(bytes, 0, length);
        return "%d bytes, crc32 %08x\n".formatted(length, checksum.getValue());
    }

    private final class Download implements Protocol {
        private final String header;
        private final Set<Integer> ended;

        Download(String header, Set<Integer> ended) {
            this.header = header;
            this.ended = ended;
        }

        @Override
        public void connected(LineConnection connection) {
            // The client speaks first.
        }

        @Override
        public void line(String line, LineConnection connection) throws IOException {
            connection.pause();
            connection.send(header);
            connection.send(ByteBuffer.wrap(body));
            connection.end();
        }

        @Override
        public void halfClosed(LineConnection connection) {
            ended.add(connection.peerPort());
        }
    }
}
