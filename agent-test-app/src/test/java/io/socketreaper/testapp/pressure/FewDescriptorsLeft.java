package io.socketreaper.testapp.pressure;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Opens the first sockets of its JVM when hardly a descriptor is left, and says {@code FEW LEFT}. After a line on its standard input
 * it frees many descriptors, closes the sockets, opens another, and says {@code WORKS}; it fails if a class of the JDK is broken.
 * Needs java.base only.
 */
final class FewDescriptorsLeft {
    private FewDescriptorsLeft() {}

    /** @param arguments how many descriptors are left beside the sockets; {@code socket} or {@code channel} */
    public static void main(String[] arguments) throws Exception {
        int left = Integer.parseInt(arguments[0]);
        boolean channels = arguments[1].equals("channel");
        var open = new ArrayList<AutoCloseable>();
        var loopback = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        Deque<FileInputStream> files = fill();
        // three sockets, and one that the JDK keeps for itself
        for (int i = 0; i < left + 4; i++) {
            files.pop().close();
        }
        ServerSocket server = channels ? null : new ServerSocket(0, 1, loopback.getAddress());
        ServerSocketChannel listener = channels ? ServerSocketChannel.open().bind(loopback) : null;
        if (channels) {
            open.add(SocketChannel.open(listener.getLocalAddress()));
            open.add(listener.accept());
        } else {
            open.add(new Socket(server.getInetAddress(), server.getLocalPort()));
            open.add(server.accept());
        }
        System.out.println("FEW LEFT");
        readLine();
        for (FileInputStream file : files) {
            file.close();
        }
        close(open);
        FileChannel.open(Path.of("/proc/self/limits")).close();
        if (channels) {
            SocketChannel.open(listener.getLocalAddress()).close();
        } else {
            new Socket(server.getInetAddress(), server.getLocalPort()).close();
        }
        System.out.println("WORKS");
        readLine();
    }

    private static void readLine() throws IOException {
        for (int next = System.in.read(); next >= 0 && next != '\n'; next = System.in.read()) {
            // up to the end of the line
        }
    }

    private static Deque<FileInputStream> fill() {
        var files = new ArrayDeque<FileInputStream>();
        try {
            while (true) {
                files.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException full) {
            return files;
        }
    }

    private static void close(List<AutoCloseable> open) throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }
}
