package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;

/**
 * {@code AsynchronousSocketChannel}: a client reads the server's end, begins no read any more and means to close later. A client,
 * because an accepted channel may be opened by a thread of the JDK's, and then no stack leads to the application.
 */
public final class CloseWaitAsync extends Forgotten {
    public CloseWaitAsync() {
        super(
                "close-wait-async",
                "AsynchronousSocketChannel client reads the server's end and forgets to close (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < run.sockets(); i++) {
                var channel = AsynchronousSocketChannel.open();
                run.opened();
                run.keep(channel);
                var connected = channel.connect(server.getLocalSocketAddress());
                answerAndClose(run, server);
                connected.get();
                readToTheEnd(channel);
                run.forgotten();
            }
        }
    }

    private static void answerAndClose(Run run, ServerSocket server) throws IOException {
        run.peerOpened();
        try (var peer = server.accept()) {
            peer.getOutputStream().write(Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII));
        } finally {
            run.peerClosing();
        }
    }

    private static void readToTheEnd(AsynchronousSocketChannel channel)
            throws ExecutionException, InterruptedException {
        int read;
        do {
            read = channel.read(ByteBuffer.allocate(1024)).get();
        } while (read >= 0);
    }
}
