package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A DNS resolver opens a datagram socket for each query, closes it with the answer, and forgets it if no answer comes. The name server drops
 * every other query. {@code open} finds the line by the number of sockets.
 */
public final class ResolverDatagrams extends Forgotten {
    private static final int TIMEOUT_MILLIS = 100;
    private static final long PAUSE_MILLIS = 50;

    public ResolverDatagrams() {
        super(
                "resolver-datagrams",
                "a DNS resolver forgets the datagram socket of a query without an answer (track=all)");
    }

    /** Asks a name server for numbers, which stand for names. */
    private static final class Resolver {
        private static final Map<Integer, DatagramSocket> pending = new ConcurrentHashMap<>();
        private final SocketAddress nameServer;

        Resolver(SocketAddress nameServer) {
            this.nameServer = nameServer;
        }

        /** Whether the answer came in time and was right. */
        boolean ask(int query) throws IOException {
            var socket = openSocket();
            pending.put(query, socket);
            byte[] asked = ByteBuffer.allocate(Integer.BYTES).putInt(query).array();
            socket.send(new DatagramPacket(asked, asked.length));
            var answer = new DatagramPacket(new byte[Integer.BYTES], Integer.BYTES);
            try {
                socket.receive(answer);
            } catch (SocketTimeoutException noAnswer) {
                // the caller asks again, by another socket
                return false;
            }
            pending.remove(query);
            socket.close();
            return ByteBuffer.wrap(answer.getData()).getInt() == query;
        }

        private DatagramSocket openSocket() throws IOException {
            var socket = new DatagramSocket();
            socket.connect(nameServer);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            return socket;
        }
    }

    @Override
    public void play(Run run) throws Exception {
        try (var nameServer = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var thread = new Thread(() -> answerEveryOther(run, nameServer), "name-server");
            thread.setDaemon(true);
            thread.start();
            var resolver = new Resolver(nameServer.getLocalSocketAddress());
            run.endWith(() -> {
                Resolver.pending.values().forEach(DatagramSocket::close);
                Resolver.pending.clear();
            });
            for (int query = 0; query < 2 * run.sockets(); query += 2) {
                run.opened();
                if (resolver.ask(query)) {
                    run.damaged("resolver: an answer to a query that was dropped");
                }
                run.forgotten();
                // once more on a machine that is too slow for the first
                if (resolver.ask(query + 1) || resolver.ask(query + 1)) {
                    run.replyComplete();
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    private static void answerEveryOther(Run run, DatagramSocket socket) {
        var packet = new DatagramPacket(new byte[Integer.BYTES], Integer.BYTES);
        try {
            while (true) {
                socket.receive(packet);
                if (ByteBuffer.wrap(packet.getData()).getInt() % 2 == 1) {
                    socket.send(packet);
                }
            }
        } catch (IOException e) {
            if (!socket.isClosed()) {
                run.damaged("name server: " + e);
            }
        }
    }
}
