package io.socketreaper.testapp.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A blocking server that parks what it accepts in a map and never closes it; its clients leave. Its arguments: how many clients, and how many
 * megabytes of small objects it has besides. Prints {@code parked} when all have left. Needs java.base only.
 */
final class Parked {
    private static final int OBJECT_BYTES = 1000;
    private static final int OBJECTS_PER_MEGABYTE = 1000;

    private static final Map<Integer, Socket> connections = new ConcurrentHashMap<>();
    private static final List<List<byte[]>> ballast = new ArrayList<>();

    private Parked() {}

    public static void main(String[] arguments) throws Exception {
        int clients = Integer.parseInt(arguments[0]);
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            var some = new ArrayList<byte[]>();
            for (int j = 0; j < OBJECTS_PER_MEGABYTE; j++) {
                some.add(new byte[OBJECT_BYTES]);
            }
            ballast.add(some);
        }
        try (var server = new ServerSocket(0, clients, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < clients; i++) {
                try (var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
                    park(server.accept());
                    client.shutdownOutput();
                }
            }
            System.out.println(
                    "parked " + connections.size() + " at " + server.getLocalPort() + ", ballast " + ballast.size());
            // until the test ends it
            while (System.in.read() >= 0) {
                System.out.println("still there");
            }
        }
    }

    private static void park(Socket accepted) throws IOException {
        connections.put(accepted.getPort(), accepted);
    }
}
