package io.socketreaper.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The ways an application can write to a channel. {@link #NON_BLOCKING} ones are for the other mode than the rest. */
enum Writing {
    HEAP_BUFFER {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                channel.write(rest);
            }
        }
    },
    DIRECT_BUFFER {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            for (ByteBuffer rest =
                            ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
                    rest.hasRemaining(); ) {
                channel.write(rest);
            }
        }
    },
    GATHERING {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            int half = bytes.length / 2;
            ByteBuffer[] rest = {ByteBuffer.wrap(bytes, 0, half), ByteBuffer.wrap(bytes, half, bytes.length - half)};
            while (Arrays.stream(rest).anyMatch(ByteBuffer::hasRemaining)) {
                channel.write(rest);
            }
        }
    },
    ADAPTOR {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            channel.socket().getOutputStream().write(bytes);
        }
    },
    CHANNELS_STREAM {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            Channels.newOutputStream(channel).write(bytes);
        }
    },
    /** On JDK 17 without any lock of the channel's. */
    TRANSFER {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            transfer(channel, bytes);
        }
    },
    VIRTUAL_THREAD {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            var writing = new FutureTask<Void>(() -> {
                HEAP_BUFFER.write(channel, bytes);
                return null;
            });
            Reading.startVirtualThread(writing);
            try {
                writing.get();
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
        boolean isKnownHere() {
            return Reading.VIRTUAL_THREAD.isKnownHere();
        }
    },
    NON_BLOCKING {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            HEAP_BUFFER.write(channel, bytes);
        }

        @Override
        boolean needsBlockingMode() {
            return false;
        }
    },
    NON_BLOCKING_TRANSFER {
        @Override
        void write(SocketChannel channel, byte[] bytes) throws IOException {
            transfer(channel, bytes);
        }

        @Override
        boolean needsBlockingMode() {
            return false;
        }
    };

    /** Writes all of it, however often it takes. */
    abstract void write(SocketChannel channel, byte[] bytes) throws IOException;

    boolean needsBlockingMode() {
        return true;
    }

    boolean isKnownHere() {
        return true;
    }

    private static void transfer(SocketChannel channel, byte[] bytes) throws IOException {
        Path file = File.PATH;
        synchronized (file) {
            Files.write(file, bytes);
            try (FileChannel from = FileChannel.open(file)) {
                for (long position = 0; position < bytes.length; ) {
                    position += from.transferTo(position, bytes.length - position, channel);
                }
            }
        }
    }

    private static final class File {
        static final Path PATH;

        static {
            try {
                PATH = Files.createTempFile("written", ".bytes");
                PATH.toFile().deleteOnExit();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
