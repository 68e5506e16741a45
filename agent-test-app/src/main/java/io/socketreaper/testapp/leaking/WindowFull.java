package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The server greets and never reads; the client sends until the receive window is full, and waits. Its FIN could not arrive, so the
 * connection stays ESTABLISHED whether the client leaves or not.
 */
public final class WindowFull extends Forgotten {
    private static final byte[] CHUNK = new byte[16 << 10];
    /** Small, so that the client waits soon. */
    private static final int SEND_BUFFER = 64 << 10;

    public WindowFull() {
        super(
                "window-full",
                "the client fills the receive window of a connection that the server does not read (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var welcome = Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII);
        try (var server = ThreadPerConnectionServer.onPool(run, channel -> channel.write(ByteBuffer.wrap(welcome)))) {
            Peers.quick(run, () -> {
                var peer = new Peer(run, server.address(), Peer.SYSTEM_CHOICE, SEND_BUFFER);
                run.endWith(peer);
                peer.expect(Farewell.WELCOME);
                run.replyComplete();
                var sender = new Thread(() -> sendForEver(peer), "sender");
                sender.setDaemon(true);
                sender.start();
            });
            awaitForgotten(run);
        }
    }

    /** Ends when the server, or the end of the run, closes the connection. */
    private static void sendForEver(Peer peer) {
        try (peer) {
            while (peer.sendAfterEnd(CHUNK)) {
                // until no more fits, and then for as long as the connection stands
            }
        }
    }
}
