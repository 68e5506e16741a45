package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Pattern.WrongByte;
import io.socketreaper.testapp.torture.Step.Loss;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/** Plays the steps of one side of a connection and checks every byte that it is sent. */
final class Actor {
    private final TestSocket line;
    private final Pattern output;
    private final Pattern input;
    private final long promised;
    private final IdleMeter idle;
    private final byte[] buffer = new byte[64 * 1024];
    private long received;
    private long sent;

    /** The stream ended in order before all that was promised had come, or went on after it. */
    static final class ForgedEnd extends IOException {
        private static final long serialVersionUID = 1;

        ForgedEnd(long received, long promised) {
            super("the input ended in order after " + received + " bytes, promised were "
                    + (promised == Long.MAX_VALUE ? "more than were sent" : promised));
        }
    }

    /** @param promised how many bytes the other side sends before its output ends in order */
    Actor(TestSocket line, Pattern output, Pattern input, long promised, IdleMeter idle) {
        this.line = line;
        this.output = output;
        this.input = input;
        this.promised = promised;
        this.idle = idle;
    }

    /** Plays all steps, or as many as the connection lets it; a connection that fails is reset. */
    SideResult play(int number, String role, Iterable<Step> steps) {
        var kind = SideResult.Kind.DONE;
        var cause = "";
        try {
            for (var step : steps) {
                idle.use();
                if (step instanceof Step.Leak) {
                    kind = SideResult.Kind.LEAKED;
                }
                step.play(this);
            }
        } catch (WrongByte | ForgedEnd e) {
            kind = SideResult.Kind.FORGED;
            cause = e.toString();
        } catch (IOException | RuntimeException e) {
            idle.use();
            kind = SideResult.Kind.FAILED;
            cause = e.toString();
        }
        if (!cause.isEmpty()) {
            resetQuietly();
        }
        return new SideResult(number, role, kind, idle.touchable(), idle.longestMillis(), received, sent, cause);
    }

    private void resetQuietly() {
        try (line) {
            line.reset();
        } catch (IOException | RuntimeException e) {
            // It is closed.
        }
    }

    private void used() {
        idle.used(line.inUseUntil());
    }

    void send(int bytes, int piece, int pause) throws IOException {
        for (int left = bytes; left > 0; ) {
            int size = Math.min(Math.min(piece, left), buffer.length);
            output.fill(sent, buffer, 0, size);
            idle.use();
            line.write(buffer, size);
            used();
            sent += size;
            left -= size;
            if (left > 0) {
                pause(pause);
            }
        }
    }

    void sendFile(int bytes) throws IOException {
        var file = Files.createTempFile("torture", ".bytes");
        try (var channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            var content = new byte[bytes];
            output.fill(sent, content, 0, bytes);
            channel.write(ByteBuffer.wrap(content), 0);
            idle.use();
            line.send(channel, bytes);
            used();
            sent += bytes;
        }
    }

    void receive(int bytes, int piece, int pause) throws IOException {
        for (int left = bytes; left > 0; ) {
            for (int inPiece = Math.min(piece, left); inPiece > 0; ) {
                int count = read(Math.min(inPiece, buffer.length));
                if (count < 0) {
                    throw new EOFException("the other side has left");
                }
                inPiece -= count;
                left -= count;
            }
            if (left > 0) {
                pause(pause);
            }
        }
    }

    private int read(int length) throws IOException {
        idle.use();
        int count = line.read(buffer, length);
        used();
        if (count > 0) {
            idle.delivered();
            input.check(received, buffer, 0, count);
            received += count;
        } else if (received != promised) {
            throw new ForgedEnd(received, promised);
        }
        return count;
    }

    void end() throws IOException {
        if (read(1) >= 0) {
            throw new WrongByte(received);
        }
    }

    void poll(int bytes, int every) throws IOException {
        while (true) {
            idle.use();
            int available = line.available();
            used();
            if (available >= bytes) {
                return;
            }
            pause(every);
        }
    }

    void pause(int millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    void halfClose() throws IOException {
        line.shutdownOutput();
        idle.halfClosed();
        used();
    }

    /** A failure here loses no data: all was sent and read before. */
    void close() {
        try {
            line.close();
        } catch (IOException e) {
            // The peer may have gone first.
        }
    }

    void reset() throws IOException {
        line.reset();
    }

    void leak(Loss loss) throws IOException {
        switch (loss) {
            case KEPT -> {}
            case DROPPED -> line.drop();
            case CLOSED_ON_DEAD_SELECTOR -> line.closeOnDeadSelector();
        }
    }

    /** Expects a failure, as after a release, or an end if the plan promises one. */
    void listen() throws IOException {
        if (readOn() > 0) {
            throw new WrongByte(received);
        }
    }

    /** Reads whatever there is, up to a failure or to an end that was promised. @return how many bytes */
    long readOn() throws IOException {
        long before = received;
        try {
            while (read(buffer.length) >= 0) {
                // Each byte is checked.
            }
        } catch (WrongByte | ForgedEnd e) {
            throw e;
        } catch (IOException e) {
            // Released, or closed by our own side once the leak was over.
        }
        return received - before;
    }
}
