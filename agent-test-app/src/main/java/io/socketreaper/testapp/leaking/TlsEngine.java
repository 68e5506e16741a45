package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import io.socketreaper.testapp.Tls;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.Status;

/** {@code SSLEngine} over a {@code SocketChannel}: close_notify, then {@code channel.shutdownOutput()}, then forgotten. */
public final class TlsEngine implements Scenario {
    @Override
    public String name() {
        return "tls-engine";
    }

    @Override
    public String summary() {
        return "SSLEngine over a SocketChannel, half-closed and forgotten in a registry";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public String unsupportedBecause() {
        return Tls.missingBecause();
    }

    @Override
    public void play(Run run) throws Exception {
        var tls = Tls.context();
        var clients = new AtomicInteger();
        try (var server = ThreadPerConnectionServer.onPool(run, channel -> serve(tls, channel))) {
            Peers.quick(
                    run,
                    () -> TlsSocket.playClient(
                            run, tls, server.address(), clients.getAndIncrement() % 2 == 0 ? "TLSv1.2" : "TLSv1.3"));
        }
    }

    private static void serve(SSLContext tls, SocketChannel channel) throws IOException {
        var session = new Session(tls.createSSLEngine(), channel);
        session.handshake();
        session.say(Farewell.WELCOME);
        session.hear(Farewell.HELLO.length());
        session.say(Farewell.END);
        session.halfClose();
    }

    /** The server's end of one connection. */
    private static final class Session {
        private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

        private final SSLEngine engine;
        private final SocketChannel channel;
        private final ByteBuffer received;
        private final ByteBuffer heard;
        private final ByteBuffer sent;

        Session(SSLEngine engine, SocketChannel channel) {
            this.engine = engine;
            this.channel = channel;
            engine.setUseClientMode(false);
            received = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            heard = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            sent = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        }

        void handshake() throws IOException {
            engine.beginHandshake();
            while (true) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> engine.getDelegatedTask().run();
                    case NEED_WRAP -> wrap(NOTHING);
                    case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
                    case FINISHED, NOT_HANDSHAKING -> {
                        return;
                    }
                }
            }
        }

        void say(String text) throws IOException {
            var bytes = StandardCharsets.US_ASCII.encode(text);
            while (bytes.hasRemaining()) {
                wrap(bytes);
            }
        }

        void hear(int count) throws IOException {
            while (heard.position() < count) {
                unwrap();
            }
        }

        void halfClose() throws IOException {
            engine.closeOutbound();
            while (!engine.isOutboundDone()) {
                wrap(NOTHING);
            }
            channel.shutdownOutput();
        }

        private void wrap(ByteBuffer bytes) throws IOException {
            sent.clear();
            engine.wrap(bytes, sent);
            sent.flip();
            while (sent.hasRemaining()) {
                channel.write(sent);
            }
        }

        private void unwrap() throws IOException {
            received.flip();
            var status = engine.unwrap(received, heard).getStatus();
            received.compact();
            if (status == Status.BUFFER_UNDERFLOW && channel.read(received) < 0) {
                throw new EOFException("the client has ended early");
            }
        }
    }
}
