package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The channel is dropped right after the reply, never half-closed and never closed; the collector takes the object. */
public final class DroppedOpen extends Forgotten {
    public DroppedOpen() {
        super("dropped-open", "channel dropped without close or half-close and garbage-collected (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var welcome = Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII);
        try (var server =
                ThreadPerConnectionServer.forgetful(run, channel -> channel.write(ByteBuffer.wrap(welcome)))) {
            playClients(run, server.address());
        }
        collectNowAndThen(run);
    }
}
