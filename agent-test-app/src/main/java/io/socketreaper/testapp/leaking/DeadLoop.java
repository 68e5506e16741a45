package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;

/** A bug in a handler ends the event loop; its connections stay registered for reading, and their clients leave. */
public final class DeadLoop extends Forgotten {
    public DeadLoop() {
        super("dead-loop", "event loop dies of an exception, its connections want to read for ever (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var selector = Selector.open();
        run.keep(selector);
        var loop = new Thread(() -> serveUntilItBreaks(selector), "event-loop-that-dies");
        loop.setDaemon(true);
        loop.setUncaughtExceptionHandler((thread, bug) -> {});
        loop.start();
        var welcome = Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII);
        try (var server = ThreadPerConnectionServer.onPool(run, channel -> {
            channel.write(ByteBuffer.wrap(welcome));
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            selector.wakeup();
        })) {
            playClients(run, server.address());
        }
        loop.join();
    }

    private static void serveUntilItBreaks(Selector selector) {
        try {
            while (true) {
                selector.select(key -> {
                    throw new IllegalStateException("a bug in a handler");
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
