package io.socketreaper.testapp.doc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The server of docs/runbook-close-wait.md: a thread for each connection, which echoes what it reads. At the end of input it returns and
 * forgets to close, and the session stays in a map. Needs java.base only.
 */
final class ForgetfulServer {
    private static final Map<Integer, Socket> sessions = new ConcurrentHashMap<>();

    private ForgetfulServer() {}

    public static void main(String[] arguments) throws Exception {
        try (var server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            System.out.println("port " + server.getLocalPort());
            while (true) {
                Socket client = server.accept();
                sessions.put(client.getPort(), client);
                var thread = new Thread(() -> serve(client), "client " + client.getPort());
                thread.setDaemon(true);
                thread.start();
            }
        }
    }

    private static void serve(Socket client) {
        var buffer = new byte[100];
        try {
            for (int count = client.getInputStream().read(buffer);
                    count >= 0;
                    count = client.getInputStream().read(buffer)) {
                client.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException reset) {
            sessions.remove(client.getPort());
        }
    }
}
