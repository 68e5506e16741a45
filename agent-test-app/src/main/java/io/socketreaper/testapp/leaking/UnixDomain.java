package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** The farewell of tcpserver over a unix-domain socket. */
public final class UnixDomain implements Scenario {
    private static final int BACKLOG = 1024;

    @Override
    public String name() {
        return "unix-domain";
    }

    @Override
    public String summary() {
        return "as blocking-mode, over a unix-domain socket";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        serve(run, UnixDomain::exchange);
    }

    /** What both sides of one connection do. */
    interface Conversation {
        void play(Run run, SocketChannel server, SocketChannel client) throws IOException;
    }

    static void serve(Run run, Conversation conversation) throws IOException {
        var directory = Files.createTempDirectory("socket-reaper");
        var address = UnixDomainSocketAddress.of(directory.resolve("server"));
        try (var listener =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, BACKLOG)) {
            for (int i = 0; i < run.sockets(); i++) {
                run.peerOpened();
                var client = SocketChannel.open(address);
                var server = listener.accept();
                run.opened();
                run.keep(server);
                conversation.play(run, server, client);
            }
        } finally {
            Files.delete(address.getPath());
            Files.delete(directory);
        }
    }

    /** What is written to a unix-domain socket has arrived, so one thread can play both sides. */
    private static void exchange(Run run, SocketChannel server, SocketChannel client) throws IOException {
        client.write(ByteBuffer.wrap(Farewell.HELLO.getBytes(StandardCharsets.US_ASCII)));
        BlockingMode.serve(server);
        run.halfClosed();
        var reply = Farewell.WELCOME + Farewell.END;
        var got = ByteBuffer.allocate(reply.length() + 1);
        while (client.read(got) >= 0) {
            // To the end.
        }
        if (new String(got.array(), 0, got.position(), StandardCharsets.US_ASCII).equals(reply)) {
            run.replyComplete();
            run.peerEof();
        } else {
            run.damaged("client: a wrong reply");
        }
        client.write(ByteBuffer.wrap(Farewell.LAST_WORD));
        run.peerClosing();
        client.close();
    }
}
