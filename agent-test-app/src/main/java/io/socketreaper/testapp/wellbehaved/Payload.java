package io.socketreaper.testapp.wellbehaved;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/** Bytes that both ends can compute, so that each can tell whether the other's arrived whole. */
final class Payload {
    private final byte[] bytes;
    private final long crc;

    /** Different seeds give different bytes: a mix-up between two connections does not pass as a good reply. */
    Payload(long seed, int size) {
        bytes = new byte[size];
        new SplittableRandom(seed).nextBytes(bytes);
        var whole = new CRC32();
        whole.update(bytes);
        crc = whole.getValue();
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes);
    }

    Tally tally() {
        return new Tally();
    }

    /** What has arrived of the payload so far. */
    final class Tally {
        private final CRC32 sum = new CRC32();
        private long count;

        /** Takes everything that was read into the buffer and leaves it empty for the next read. */
        void take(ByteBuffer read) {
            read.flip();
            count += read.remaining();
            sum.update(read);
            read.clear();
        }

        /** To be asked at the end of input. */
        void complete() throws Damage {
            if (count != bytes.length) {
                throw new Damage("the input ended after " + count + " of " + bytes.length + " bytes");
            }
            if (sum.getValue() != crc) {
                throw new Damage("all " + count
                        + " bytes arrived, but with CRC %08x instead of %08x".formatted(sum.getValue(), crc));
            }
        }
    }

    /** The stream ended in order, but not with the bytes that were sent. */
    static final class Damage extends Exception {
        private static final long serialVersionUID = 1;

        Damage(String message) {
            super(message);
        }
    }
}
