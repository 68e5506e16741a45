package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Files and sockets that have nothing to do with the agent, opened and closed all the time so that they get the descriptor
 * numbers that have just become free. Whoever closes twice, or uses a number that is no longer his, hits one of them.
 */
public final class Canaries implements AutoCloseable {
    private static final String SONG = "the quick brown fox jumps over the lazy dog";
    private static final byte[] SONG_BYTES = SONG.getBytes(StandardCharsets.US_ASCII);
    /** The agent sets the option to -1 before it closes. */
    private static final int LINGER = 7;

    private final Path file;
    private final ServerSocketChannel server = TcpConnection.listen();
    private final Descriptors descriptors = new ProcDescriptors(Clock.SYSTEM);

    /** @param file any file that holds the {@link #song} */
    public Canaries(Path file) throws IOException {
        this.file = file;
    }

    public static String song() {
        return SONG;
    }

    /** Opens a few, holds them for a moment, and checks that they are as they were. */
    public void singOnce() throws Throwable {
        try (var first = new RandomAccessFile(file.toFile(), "r");
                var connection = TcpConnection.accept(server);
                var second = new RandomAccessFile(file.toFile(), "r")) {
            connection.ours.setOption(StandardSocketOptions.SO_LINGER, LINGER);
            TcpConnection.write(connection.peer, SONG);
            LockSupport.parkNanos(500_000);

            check(first);
            check(connection);
            check(second);
        }
    }

    private void check(RandomAccessFile canary) throws Throwable {
        assertEquals(file.toString(), descriptors.link(numberOf(canary.getFD())), "a file's descriptor");
        var bytes = new byte[SONG_BYTES.length];
        canary.readFully(bytes);
        assertArrayEquals(SONG_BYTES, bytes);
    }

    private void check(TcpConnection canary) throws IOException {
        assertEquals(canary.link, descriptors.link(canary.descriptor), "a socket's descriptor");
        assertEquals(LINGER, canary.ours.getOption(StandardSocketOptions.SO_LINGER), "a socket's option");
        canary.ours.setOption(StandardSocketOptions.SO_LINGER, -1);
        canary.peer.shutdownOutput();
        assertArrayEquals(SONG_BYTES, TcpConnection.readToEnd(canary.ours), "what the peer sent");
        TcpConnection.write(canary.ours, SONG);
        canary.ours.shutdownOutput();
        assertArrayEquals(SONG_BYTES, TcpConnection.readToEnd(canary.peer), "what the peer got");
    }

    private static int numberOf(FileDescriptor descriptor) throws Throwable {
        Class<?> natives = Class.forName("sun.nio.ch.IOUtil");
        return (int) MethodHandles.privateLookupIn(natives, MethodHandles.lookup())
                .findStatic(natives, "fdVal", MethodType.methodType(int.class, FileDescriptor.class))
                .invokeExact(descriptor);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
