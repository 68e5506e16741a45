package io.socketreaper.testapp.release;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A server that keeps its connections open and idle, and sets no keepalive. Its arguments: how many it parks without a reader, and how many
 * each have a thread that reads. Prints {@code listening PORT}, {@code accepted} and what each reader's thread meets; answers {@code ?}
 * on its standard input with the number of parked connections that are open, {@code !} with how many of them take a byte that is written. Needs
 * java.base only.
 */
final class VanishedPeers {
    private static final List<SocketChannel> parked = new ArrayList<>();

    private VanishedPeers() {}

    public static void main(String[] arguments) throws Exception {
        int park = Integer.parseInt(arguments[0]);
        int read = Integer.parseInt(arguments[1]);
        try (var server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100)) {
            System.out.println("listening " + ((InetSocketAddress) server.getLocalAddress()).getPort());
            for (int i = 0; i < park; i++) {
                park(server.accept());
            }
            for (int i = 0; i < read; i++) {
                read(server.accept().socket());
            }
            System.out.println("accepted");
            for (int asked = System.in.read(); asked >= 0; asked = System.in.read()) {
                if (asked == '?') {
                    System.out.println("? " + open() + " open");
                } else if (asked == '!') {
                    System.out.println("! " + written() + " written");
                }
            }
        }
    }

    private static void park(SocketChannel accepted) {
        parked.add(accepted);
    }

    private static void read(Socket accepted) {
        new Thread(() -> {
                    try (accepted) {
                        System.out.println("reader " + accepted.getInputStream().read());
                    } catch (IOException e) {
                        System.out.println("reader " + e.getMessage());
                    }
                })
                .start();
    }

    private static long open() {
        return parked.stream().filter(SocketChannel::isOpen).count();
    }

    private static int written() {
        int written = 0;
        for (SocketChannel channel : parked) {
            try {
                written += channel.write(ByteBuffer.wrap("!".getBytes(StandardCharsets.US_ASCII)));
            } catch (IOException gone) {
                // it was released
            }
        }
        return written;
    }
}
