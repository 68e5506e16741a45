package io.socketreaper.testapp.torture;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;

/** A blocking channel, TCP or unix-domain. */
record ChannelTestSocket(SocketChannel channel) implements TestSocket {
    private static final long PIECE = 1 << 20;

    @Override
    public int read(byte[] into, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(into, 0, length));
    }

    @Override
    public void write(byte[] from, int length) throws IOException {
        for (var bytes = ByteBuffer.wrap(from, 0, length); bytes.hasRemaining(); ) {
            channel.write(bytes);
        }
    }

    @Override
    public void send(FileChannel file, long bytes) throws IOException {
        for (long position = 0; position < bytes; ) {
            position += file.transferTo(position, Math.min(PIECE, bytes - position), channel);
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void reset() throws IOException {
        reset(channel);
    }

    /** A unix-domain socket with unread input is reset by its close; there is no other way. */
    static void reset(SocketChannel channel) throws IOException {
        try (channel) {
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    @Override
    public Object socket() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
