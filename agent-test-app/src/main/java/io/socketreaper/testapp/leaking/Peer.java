package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client that checks every byte it gets and how its connection ends. */
final class Peer implements AutoCloseable {
    private static final int GIVE_UP_MILLIS = 60_000;
    static final int SYSTEM_CHOICE = 0;

    private final Run run;
    private final Socket socket = new Socket();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final InputStream in;

    Peer(Run run, InetSocketAddress server) throws IOException {
        this(run, server, SYSTEM_CHOICE, SYSTEM_CHOICE);
    }

    /** Buffer sizes must be known before the connection exists: they decide its window. */
    Peer(Run run, InetSocketAddress server, int receiveBuffer, int sendBuffer) throws IOException {
        this.run = run;
        if (receiveBuffer != SYSTEM_CHOICE) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        if (sendBuffer != SYSTEM_CHOICE) {
            socket.setSendBufferSize(sendBuffer);
        }
        socket.setSoTimeout(GIVE_UP_MILLIS);
        run.peerOpened();
        try {
            socket.connect(server, GIVE_UP_MILLIS);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.US_ASCII));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /**
     * Sends into a connection whose reply is complete: a reset is counted, nothing is damaged by it.
     *
     * @return whether the kernel took the bytes
     */
    boolean sendAfterEnd(byte[] bytes) {
        try {
            send(bytes);
            return true;
        } catch (IOException e) {
            if (!closed.get()) {
                run.peerReset();
            }
            return false;
        }
    }

    void expect(String text) throws IOException {
        var got = receive(text.length());
        if (!got.equals(text)) {
            throw new IOException("got '" + got.strip() + "' instead of '" + text.strip() + "'");
        }
    }

    /** Everything up to and with the next end of line. */
    String readLine() throws IOException {
        var line = new StringBuilder();
        int next;
        do {
            next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended after '" + line + "'");
            }
            line.append((char) next);
        } while (next != '\n');
        return line.toString();
    }

    /** At least one byte, or -1 at the end. */
    int read(byte[] buffer, int offset, int length) throws IOException {
        return in.read(buffer, offset, length);
    }

    /** The reply was complete: now comes its end, and nothing before it. */
    void expectEnd() throws IOException {
        run.replyComplete();
        int next = in.read();
        if (next >= 0) {
            throw new IOException("got byte " + next + " after the whole reply");
        }
        run.peerEof();
    }

    /** Its close will reset the connection. */
    void resetOnClose() throws IOException {
        socket.setSoLinger(true, 0);
    }

    private String receive(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            run.peerClosing();
            try {
                socket.close();
            } catch (IOException e) {
                run.damaged("client: could not close: " + e);
            }
        }
    }

    static boolean isReset(IOException e) {
        return e instanceof SocketException
                && e.getMessage() != null
                && (e.getMessage().contains("reset") || e.getMessage().contains("Broken pipe"));
    }
}
