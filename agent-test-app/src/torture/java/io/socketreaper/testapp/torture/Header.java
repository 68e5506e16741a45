package io.socketreaper.testapp.torture;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The first bytes that the connecting side sends: they name the plan of the connection.
 *
 * @param backend the application's second connection, when it relays
 */
record Header(int number, boolean backend) {
    private static final int BYTES = 5;

    void write(TestSocket line) throws IOException {
        line.write(
                ByteBuffer.allocate(BYTES)
                        .putInt(number)
                        .put((byte) (backend ? 1 : 0))
                        .array(),
                BYTES);
    }

    static Header read(TestSocket line) throws IOException {
        var bytes = new byte[BYTES];
        var one = new byte[1];
        for (int i = 0; i < BYTES; i++) {
            if (line.read(one, 1) < 0) {
                throw new EOFException();
            }
            bytes[i] = one[0];
        }
        var header = ByteBuffer.wrap(bytes);
        return new Header(header.getInt(), header.get() != 0);
    }
}
