package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A thread per connection; the thread returns to its pool and forgets to close. */
public final class BlockingMode implements Scenario {
    @Override
    public String name() {
        return "blocking-mode";
    }

    @Override
    public String summary() {
        return "channel in blocking mode, its thread returns to the pool without closing it";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = ThreadPerConnectionServer.onPool(run, BlockingMode::serve)) {
            Farewell.playClients(run, server.address());
        }
    }

    static void serve(SocketChannel channel) throws IOException {
        write(channel, Farewell.WELCOME);
        var hello = ByteBuffer.allocate(Farewell.HELLO.length());
        while (hello.hasRemaining() && channel.read(hello) >= 0) {
            // Until the line is complete.
        }
        write(channel, Farewell.END);
        channel.shutdownOutput();
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
