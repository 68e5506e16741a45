package io.socketreaper.testapp.torture;

import java.io.IOException;

/**
 * The bytes of one stream: each depends on its position, so a hole, a repetition or another stream's byte is found where it is.
 *
 * @param stream distinguishes the streams of a run
 */
record Pattern(long stream) {
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final int BYTES = Long.BYTES;

    /** A stream brought a byte that was not sent at this position. */
    static final class WrongByte extends IOException {
        private static final long serialVersionUID = 1;

        WrongByte(long position) {
            super("wrong byte at position " + position);
        }
    }

    void fill(long position, byte[] into, int offset, int length) {
        for (int i = 0; i < length; i++) {
            into[offset + i] = at(position + i);
        }
    }

    void check(long position, byte[] from, int offset, int length) throws WrongByte {
        for (int i = 0; i < length; i++) {
            if (from[offset + i] != at(position + i)) {
                throw new WrongByte(position + i);
            }
        }
    }

    private byte at(long position) {
        long word = stream + position / BYTES * STEP;
        word = (word ^ word >>> 30) * 0xBF58476D1CE4E5B9L;
        word = (word ^ word >>> 27) * 0x94D049BB133111EBL;
        return (byte) (word >>> position % BYTES * BYTES);
    }
}
