package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** Old stream code on a new channel: everything goes through {@code channel.socket()}. */
public final class AdaptorStream implements Scenario {
    @Override
    public String name() {
        return "adaptor-stream";
    }

    @Override
    public String summary() {
        return "streams and shutdownOutput() of channel.socket()";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = ThreadPerConnectionServer.onPool(run, AdaptorStream::serve)) {
            Farewell.playClients(run, server.address());
        }
    }

    private static void serve(SocketChannel channel) throws IOException {
        var socket = channel.socket();
        var out = socket.getOutputStream();
        out.write(Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().readNBytes(Farewell.HELLO.length());
        out.write(Farewell.END.getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
    }
}
