package io.socketreaper.testapp.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The other end of what the tests open: it was there before them. */
final class Peers {
    private static final ServerSocketChannel LISTENER = listener();
    private static final List<Object> HELD = Collections.synchronizedList(new ArrayList<>());

    private Peers() {}

    private static ServerSocketChannel listener() {
        try {
            return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SocketAddress address() {
        return LISTENER.socket().getLocalSocketAddress();
    }

    static int port() {
        return LISTENER.socket().getLocalPort();
    }

    /** The other end of the connection that was made last. */
    static SocketChannel accept() throws IOException {
        return LISTENER.accept();
    }

    /** Takes a half-closed connection's end of input, says a last word, and closes. */
    static void lastWord(SocketChannel peer) throws IOException {
        while (peer.read(ByteBuffer.allocate(8)) >= 0) {
            // up to the end
        }
        peer.write(ByteBuffer.wrap(new byte[] {'R'}));
        peer.close();
    }

    /** Sends until no more fits, and closes; its FIN cannot arrive. */
    static void fillWindow(SocketChannel peer) throws IOException {
        peer.configureBlocking(false);
        var chunk = ByteBuffer.allocate(64 << 10);
        while (peer.write(chunk.clear()) > 0) {
            // until no more fits
        }
        peer.close();
    }

    /** So that nobody can say it was dropped. */
    static <T> T hold(T any) {
        HELD.add(any);
        return any;
    }
}
