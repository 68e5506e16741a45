package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** The server's end of one connection: pause, write and end, as an NIO application does them. */
final class LineConnection {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Protocol protocol;
    private final Run run;
    private final int peerPort;
    private final StringBuilder line = new StringBuilder();
    private final Deque<ByteBuffer> outgoing = new ArrayDeque<>();
    private boolean paused;
    private boolean ending;
    private boolean halfClosed;

    LineConnection(SocketChannel channel, SelectionKey key, Protocol protocol, Run run) throws IOException {
        this.channel = channel;
        this.key = key;
        this.protocol = protocol;
        this.run = run;
        this.peerPort = ((InetSocketAddress) channel.getRemoteAddress()).getPort();
    }

    int peerPort() {
        return peerPort;
    }

    void send(String text) throws IOException {
        send(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    void send(ByteBuffer bytes) throws IOException {
        outgoing.add(bytes);
        flush();
    }

    /** Stops reading: what the peer sends from here on stays in the kernel. */
    void pause() {
        paused = true;
        key.interestOps(interest());
    }

    /** Half-closes as soon as the kernel has taken all that was sent. */
    void end() throws IOException {
        ending = true;
        halfCloseIfFlushed();
    }

    boolean isHalfClosed() {
        return halfClosed;
    }

    void close() throws IOException {
        channel.close();
    }

    void ready() throws IOException {
        if (key.isWritable()) {
            flush();
            halfCloseIfFlushed();
        } else if (key.isReadable()) {
            read();
        }
    }

    private void read() throws IOException {
        var input = ByteBuffer.allocate(1024);
        if (channel.read(input) < 0) {
            channel.close();
            return;
        }
        input.flip();
        while (input.hasRemaining() && !paused) {
            char next = (char) input.get();
            if (next == '\n') {
                var complete = line.toString().stripTrailing();
                line.setLength(0);
                protocol.line(complete, this);
            } else {
                line.append(next);
            }
        }
    }

    private void flush() throws IOException {
        while (!outgoing.isEmpty()
                && channel.write(outgoing.peek()) >= 0
                && !outgoing.peek().hasRemaining()) {
            outgoing.remove();
        }
        key.interestOps(interest());
    }

    private void halfCloseIfFlushed() throws IOException {
        if (ending && outgoing.isEmpty()) {
            ending = false;
            channel.shutdownOutput();
            halfClosed = true;
            run.halfClosed();
            protocol.halfClosed(this);
        }
    }

    private int interest() {
        return (paused ? 0 : SelectionKey.OP_READ) | (outgoing.isEmpty() ? 0 : SelectionKey.OP_WRITE);
    }
}
