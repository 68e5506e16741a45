package io.socketreaper.testapp.release;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes ten bytes of a unix-domain peer for each line of its input, up to the end; the peer has sent 30 bytes and closed. */
final class SlowUnixReader {
    private static final int CHUNK = 10;
    private static final int CHUNKS = 3;

    private SlowUnixReader() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("socket-reaper");
        var address = UnixDomainSocketAddress.of(directory.resolve("server"));
        try (var listener =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
                var peer = SocketChannel.open(address);
                var reader = listener.accept()) {
            Files.delete(address.getPath());
            Files.delete(directory);
            System.out.println("accepted");
            var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            lines.readLine();
            peer.write(ByteBuffer.allocate(CHUNK * CHUNKS));
            peer.close();
            System.out.println("peer closed");
            while (lines.readLine() != null) {
                System.out.println("read " + reader.read(ByteBuffer.allocate(CHUNK)));
            }
        }
    }
}
