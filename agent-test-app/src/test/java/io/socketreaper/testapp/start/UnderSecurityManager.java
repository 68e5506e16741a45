package io.socketreaper.testapp.start;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.Permission;
import java.util.ArrayList;
import java.util.List;

/**
 * Half-closes a socket and forgets it, and sets a security manager after a line on its standard input. After each further line
 * {@code half-close} it half-closes another; any other line ends it. Needs java.base only.
 */
final class UnderSecurityManager {
    private UnderSecurityManager() {}

    /** @param arguments {@code policy}, what the policy says; {@code strict}, nothing for any thread of the agent's */
    @SuppressWarnings({"removal", "deprecation"}) // applications still have one
    public static void main(String[] arguments) throws Exception {
        var kept = new ArrayList<Object>();
        try (var server = new ServerSocket(0, 5, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            halfClose(server, kept);
            readLine();
            System.setSecurityManager(arguments[0].equals("policy") ? new SecurityManager() : new Strict());
            System.out.println("MANAGER SET");
            for (String line = readLine(); line.equals("half-close"); line = readLine()) {
                halfClose(server, kept);
                System.out.println("HALF-CLOSED");
            }
        }
        System.out.println("ENDS with " + kept.size());
    }

    private static void halfClose(ServerSocket server, List<Object> kept) throws Exception {
        var peer = new Socket(server.getInetAddress(), server.getLocalPort());
        var socket = server.accept();
        socket.shutdownOutput();
        peer.getOutputStream().write(1);
        kept.add(peer);
        kept.add(socket);
    }

    private static String readLine() throws Exception {
        var line = new StringBuilder();
        for (int next = System.in.read(); next >= 0 && next != '\n'; next = System.in.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    @SuppressWarnings("removal") // see above
    private static final class Strict extends SecurityManager {
        @Override
        public void checkPermission(Permission permission) {
            if (Thread.currentThread().getName().startsWith("socket-reaper")) {
                throw new SecurityException("refused: " + permission);
            }
        }
    }
}
