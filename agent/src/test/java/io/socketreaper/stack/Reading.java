package io.socketreaper.stack;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The ways an application can read from a channel. {@link #NON_BLOCKING} is for the other mode than the rest. */
public enum Reading {
    BLOCKING {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(atMost);
            return taken(channel.read(bytes), bytes.array());
        }
    },
    DIRECT_BUFFER {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocateDirect(atMost);
            int count = channel.read(bytes);
            var heap = new byte[bytes.flip().remaining()];
            bytes.get(heap);
            return taken(count, heap);
        }
    },
    SCATTERING {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            var all = new byte[atMost];
            int half = atMost / 2;
            return taken(
                    channel.read(
                            new ByteBuffer[] {ByteBuffer.wrap(all, 0, half), ByteBuffer.wrap(all, half, atMost - half)
                            }),
                    all);
        }
    },
    ADAPTOR {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            var bytes = new byte[atMost];
            return taken(channel.socket().getInputStream().read(bytes), bytes);
        }
    },
    ADAPTOR_WITH_TIMEOUT {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            channel.socket().setSoTimeout(1);
            try {
                return ADAPTOR.read(channel, atMost);
            } catch (SocketTimeoutException nothingNow) {
                return NOTHING_NOW;
            }
        }
    },
    CHANNELS_STREAM {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            var bytes = new byte[atMost];
            return taken(Channels.newInputStream(channel).read(bytes), bytes);
        }
    },
    VIRTUAL_THREAD {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            var reading = new FutureTask<>(() -> BLOCKING.read(channel, atMost));
            startVirtualThread(reading);
            try {
                return reading.get();
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof IOException e) {
                    throw e;
                }
                throw new AssertionError(failed.getCause());
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
        }

        @Override
        public boolean isKnownHere() {
            return Runtime.version().feature() >= 21;
        }
    },
    NON_BLOCKING {
        @Override
        public byte[] read(SocketChannel channel, int atMost) throws IOException {
            return BLOCKING.read(channel, atMost);
        }
    };

    static final byte[] END_OF_INPUT = null;
    public static final byte[] NOTHING_NOW = {};

    /** What one read got, {@link #NOTHING_NOW} or {@link #END_OF_INPUT}. */
    public abstract byte[] read(SocketChannel channel, int atMost) throws IOException;

    public boolean isKnownHere() {
        return true;
    }

    public boolean needsBlockingMode() {
        return this != NON_BLOCKING;
    }

    private static byte[] taken(long count, byte[] bytes) {
        return count < 0 ? END_OF_INPUT : Arrays.copyOf(bytes, (int) count);
    }

    /** By reflection: the tests are compiled for 17. */
    static void startVirtualThread(Runnable task) {
        try {
            Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
        } catch (ReflectiveOperationException before21) {
            throw new UnsupportedOperationException(before21);
        }
    }
}
