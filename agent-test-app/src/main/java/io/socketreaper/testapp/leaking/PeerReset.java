package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The server greets and waits to be asked for something else; the client resets the connection, and nobody ever looks. */
public final class PeerReset extends Forgotten {
    public PeerReset() {
        super("peer-reset", "the client resets a connection that the server does not read (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var welcome = Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII);
        try (var server = ThreadPerConnectionServer.onPool(run, channel -> channel.write(ByteBuffer.wrap(welcome)))) {
            Peers.quick(run, () -> {
                try (var peer = new Peer(run, server.address())) {
                    peer.expect(Farewell.WELCOME);
                    run.replyComplete();
                    peer.resetOnClose();
                }
            });
            awaitForgotten(run);
        }
    }
}
