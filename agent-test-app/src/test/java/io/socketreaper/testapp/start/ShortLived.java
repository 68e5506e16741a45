package io.socketreaper.testapp.start;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** Runs in a child JVM: uses a socket, works for some milliseconds and ends. Needs java.base only. */
final class ShortLived {
    private ShortLived() {}

    /** @param arguments milliseconds */
    public static void main(String[] arguments) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
                var client = new Socket(server.getInetAddress(), server.getLocalPort());
                var accepted = server.accept()) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[0]));
            while (System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
            accepted.getOutputStream().write(client.getPort());
        }
        System.exit(0);
    }
}
