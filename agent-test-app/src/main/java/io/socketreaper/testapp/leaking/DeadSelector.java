package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/** Channels are closed while they are registered with a selector on which nobody selects any more: their keys are never flushed. */
public final class DeadSelector extends Forgotten {
    public DeadSelector() {
        super("dead-selector", "channels closed while registered with a selector that nobody selects on (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var selector = Selector.open();
        run.keep(selector);
        var selecting = new Thread(() -> selectOnce(selector), "event-loop-that-dies");
        selecting.start();
        selecting.join();
        var welcome = Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII);
        try (var server = ThreadPerConnectionServer.onPool(run, channel -> {
            channel.write(ByteBuffer.wrap(welcome));
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            channel.close();
        })) {
            Peers.quick(run, () -> {
                try (var peer = new Peer(run, server.address())) {
                    peer.expect(Farewell.WELCOME);
                    peer.expectEnd();
                }
            });
            awaitForgotten(run);
        }
    }

    private static void selectOnce(Selector selector) {
        try {
            selector.selectNow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
