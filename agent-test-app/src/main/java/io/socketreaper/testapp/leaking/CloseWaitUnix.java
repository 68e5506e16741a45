package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A server on a unix-domain socket reads the client's end and means to close later. */
public final class CloseWaitUnix extends Forgotten {
    public CloseWaitUnix() {
        super(
                "close-wait-unix",
                "server on a unix-domain socket reads the client's end and forgets to close (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        UnixDomain.serve(run, CloseWaitUnix::converse);
    }

    /** What is written to a unix-domain socket has arrived, so one thread can play both sides. */
    private static void converse(Run run, SocketChannel server, SocketChannel client) throws IOException {
        client.write(StandardCharsets.US_ASCII.encode(Farewell.HELLO));
        run.peerClosing();
        client.close();
        while (server.read(ByteBuffer.allocate(1024)) >= 0) {
            // to the end
        }
        run.forgotten();
    }
}
