package io.socketreaper.testapp.torture;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** One side of a connection on any stack, used by one thread at a time in each direction. */
interface TestSocket extends Closeable {
    /** Waits for input; -1 at its end. */
    int read(byte[] into, int length) throws IOException;

    void write(byte[] from, int length) throws IOException;

    void shutdownOutput() throws IOException;

    /** Closes with a reset, or says why it cannot. */
    void reset() throws IOException;

    default int available() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Sends from a file as the stack does it best. */
    default void send(FileChannel file, long bytes) throws IOException {
        var piece = java.nio.ByteBuffer.allocate(32 * 1024);
        while (file.read(piece.clear()) > 0) {
            write(piece.array(), piece.position());
        }
    }

    /** {@link System#nanoTime()} of a moment at which the socket was still seen in use, shortly before the last operation ended. */
    default long inUseUntil() {
        return System.nanoTime();
    }

    /** Gives up what refers to the socket though the application does not. */
    default void drop() throws IOException {}

    /** Closes it so that a selector on which no thread selects keeps the descriptor. */
    default void closeOnDeadSelector() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The object that the JDK knows the socket by. */
    Object socket();
}
