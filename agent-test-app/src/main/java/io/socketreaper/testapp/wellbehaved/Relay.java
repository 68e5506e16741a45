package io.socketreaper.testapp.wellbehaved;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A proxy relays the client's half-close to the backend. The backend's reply then comes faster than the client takes
 * it, so that the proxy stops reading the half-closed backend leg again and again until the client's leg is writable.
 */
public final class Relay extends WellBehaved {
    /** Small next to the reply, so that the client's slowness reaches the proxy. */
    private static final int CLIENT_LEG_BUFFER = 32 * 1024;

    private static final int CHUNK = 96 * 1024;
    private static final int CHUNKS = 12;

    @Override
    public String name() {
        return "relay";
    }

    @Override
    public String summary() {
        return "proxy that relays a half-close, its reads of that leg paused for a slow client";
    }

    @Override
    void cast(Attempt attempt) throws IOException {
        var client = SocketChannel.open();
        client.setOption(StandardSocketOptions.SO_RCVBUF, CLIENT_LEG_BUFFER);
        var clientLeg = attempt.sockets().connect(client);
        clientLeg.server().setOption(StandardSocketOptions.SO_SNDBUF, CLIENT_LEG_BUFFER);
        var backendLeg = attempt.sockets().connect();
        var exchange = new Exchange(attempt.connection(), CHUNKS * CHUNK);
        attempt.act("backend", () -> {
            exchange.hear(backendLeg.server());
            exchange.answer(backendLeg.server());
        });
        attempt.act("proxy", () -> new Proxy(attempt, clientLeg.server(), backendLeg.client()).relay());
        attempt.act("client", () -> SlowConsumer.consumeBlocking(attempt, clientLeg.client(), exchange, CHUNK));
    }

    private static final class Proxy {
        private final Attempt attempt;
        private final SocketChannel client;
        private final SocketChannel backend;
        private final ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);

        Proxy(Attempt attempt, SocketChannel client, SocketChannel backend) {
            this.attempt = attempt;
            this.client = client;
            this.backend = backend;
        }

        void relay() throws Exception {
            client.configureBlocking(false);
            backend.configureBlocking(false);
            // Both legs keep their descriptors until the selector lets go of them.
            try (var selector = attempt.sockets().selector();
                    client;
                    backend) {
                var clientKey = client.register(selector, SelectionKey.OP_READ);
                var backendKey = backend.register(selector, SelectionKey.OP_READ);
                relayRequest(clientKey);
                relayReply(clientKey, backendKey);
            }
        }

        /** The request is small: the backend's leg takes it without waiting. */
        private void relayRequest(SelectionKey clientKey) throws IOException {
            while (client.read(buffer) >= 0) {
                Exchange.sendAll(backend, buffer.flip());
                buffer.clear();
                clientKey.selector().select();
                clientKey.selector().selectedKeys().clear();
            }
            backend.shutdownOutput();
        }

        private void relayReply(SelectionKey clientKey, SelectionKey backendKey) throws Exception {
            clientKey.interestOps(0);
            var quiet = attempt.quiet();
            int pauses = 0;
            while (true) {
                backendKey.selector().select();
                backendKey.selector().selectedKeys().clear();
                if (backendKey.interestOps() == SelectionKey.OP_READ && backend.read(buffer) < 0) {
                    break;
                }
                client.write(buffer.flip());
                buffer.compact();
                if (buffer.position() == 0) {
                    backendKey.interestOps(SelectionKey.OP_READ);
                    clientKey.interestOps(0);
                    quiet.ends();
                } else if (backendKey.interestOps() == SelectionKey.OP_READ) {
                    quiet.begins();
                    backendKey.interestOps(0);
                    clientKey.interestOps(SelectionKey.OP_WRITE);
                    pauses++;
                }
            }
            if (pauses == 0) {
                throw new IllegalStateException("the client's leg never filled up, so that nothing was ever paused");
            }
        }
    }
}
