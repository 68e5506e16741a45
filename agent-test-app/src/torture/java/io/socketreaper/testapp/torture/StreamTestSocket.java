package io.socketreaper.testapp.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Streams of a {@code Socket}, of a channel's adaptor, or of an {@code SSLSocket} before either.
 *
 * @param top    what the application uses
 * @param below  the same, or what TLS runs on
 * @param socket the object that the JDK knows the socket by
 */
record StreamTestSocket(Socket top, Socket below, Object socket, InputStream in, OutputStream out)
        implements TestSocket {
    static StreamTestSocket plain(Socket socket, Object known) throws IOException {
        return new StreamTestSocket(socket, socket, known, socket.getInputStream(), socket.getOutputStream());
    }

    static StreamTestSocket tls(SSLContext tls, Socket below, Object known, String protocol, boolean client)
            throws IOException {
        var top = (SSLSocket) tls.getSocketFactory().createSocket(below, "localhost", below.getPort(), true);
        top.setUseClientMode(client);
        top.setEnabledProtocols(new String[] {protocol});
        top.startHandshake();
        return new StreamTestSocket(top, below, known, top.getInputStream(), top.getOutputStream());
    }

    /** Before either, or TLS, as the stack says. */
    static StreamTestSocket of(Stack stack, Socket below, Object known, SSLContext tls, boolean client)
            throws IOException {
        return switch (stack) {
            case TLS12 -> tls(tls, below, known, "TLSv1.2", client);
            case TLS13, TLS13_ADAPTOR -> tls(tls, below, known, "TLSv1.3", client);
            default -> plain(below, known);
        };
    }

    @Override
    public int read(byte[] into, int length) throws IOException {
        return in.read(into, 0, length);
    }

    @Override
    public void write(byte[] from, int length) throws IOException {
        out.write(from, 0, length);
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void shutdownOutput() throws IOException {
        top.shutdownOutput();
    }

    /** Below TLS, whose own close would say goodbye. */
    @Override
    public void reset() throws IOException {
        try (below) {
            below.setSoLinger(true, 0);
        }
    }

    @Override
    public void close() throws IOException {
        top.close();
    }
}
