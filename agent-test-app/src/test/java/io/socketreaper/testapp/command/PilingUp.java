package io.socketreaper.testapp.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server with two leaks that no single socket proves: connections that are checked out of a pool and forgotten on an error path, and
 * accepted ones that are parked in a map. Beside them it has connections that it uses. Needs java.base only.
 */
public final class PilingUp {
    private static final int USED = 5;
    private static final Map<String, Socket> PARKED = new ConcurrentHashMap<>();

    private PilingUp() {}

    /** Connections to the back end. */
    private static final class Pool {
        private final InetSocketAddress backend;
        private final List<SocketChannel> lost = new ArrayList<>();

        Pool(InetSocketAddress backend) {
            this.backend = backend;
        }

        SocketChannel checkOut() throws IOException {
            return SocketChannel.open(backend);
        }

        void failingRequest() throws IOException {
            lost.add(checkOut());
        }
    }

    /** @param arguments the port of a back end that echoes */
    public static void main(String[] arguments) throws Exception {
        var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        var backend = new InetSocketAddress(loopback, Integer.parseInt(arguments[0]));
        var listener = new ServerSocket(0, 100, loopback);
        var acceptor = new Thread(() -> park(listener), "acceptor");
        acceptor.setDaemon(true);
        acceptor.start();
        List<SocketChannel> used = connectUsed(backend);
        System.out.println("listening on " + listener.getLocalPort());
        var pool = new Pool(backend);
        while (true) {
            pool.failingRequest();
            for (SocketChannel channel : used) {
                channel.write(ByteBuffer.wrap(new byte[] {1}));
                channel.read(ByteBuffer.allocate(1));
            }
            Thread.sleep(200);
        }
    }

    private static List<SocketChannel> connectUsed(InetSocketAddress backend) throws IOException {
        var used = new ArrayList<SocketChannel>();
        for (int i = 0; i < USED; i++) {
            used.add(SocketChannel.open(backend));
        }
        return used;
    }

    private static void park(ServerSocket listener) {
        try {
            while (true) {
                Socket socket = listener.accept();
                PARKED.put(socket.getRemoteSocketAddress().toString(), socket);
            }
        } catch (IOException over) {
            System.out.println("acceptor: " + over);
        }
    }
}
