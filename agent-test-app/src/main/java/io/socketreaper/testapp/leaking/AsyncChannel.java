package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import io.socketreaper.testapp.Scenario;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code AsynchronousSocketChannel}: after its last reply the server half-closes and begins no read any more. */
public final class AsyncChannel implements Scenario {
    private static final int BACKLOG = 1024;
    private static final int THREADS = 2;
    private static final int PROBE_SECONDS = 10;

    @Override
    public String name() {
        return "async-channel";
    }

    @Override
    public String summary() {
        return "AsynchronousSocketChannel server: last reply, shutdownOutput(), no read pending";
    }

    @Override
    public boolean leaks() {
        return true;
    }

    @Override
    public void play(Run run) throws Exception {
        var group = AsynchronousChannelGroup.withFixedThreadPool(THREADS, task -> {
            var thread = new Thread(task, "group");
            thread.setDaemon(true);
            return thread;
        });
        run.endWith(group::shutdownNow);
        run.lastLook(() -> probe(run, group));
        try (var listener = listen(group)) {
            listener.accept(null, new Acceptor(run, listener));
            Farewell.playClients(run, (InetSocketAddress) listener.getLocalAddress());
        }
    }

    private static AsynchronousServerSocketChannel listen(AsynchronousChannelGroup group) throws IOException {
        return AsynchronousServerSocketChannel.open(group)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    }

    /** Whatever became of its channels, the group goes on. */
    private static void probe(Run run, AsynchronousChannelGroup group) {
        try (var listener = listen(group);
                var client = AsynchronousSocketChannel.open(group)) {
            var accepted = listener.accept();
            client.connect(listener.getLocalAddress()).get(PROBE_SECONDS, TimeUnit.SECONDS);
            try (var server = accepted.get(PROBE_SECONDS, TimeUnit.SECONDS)) {
                var read = client.read(ByteBuffer.allocate(1));
                server.write(ByteBuffer.wrap(new byte[1])).get(PROBE_SECONDS, TimeUnit.SECONDS);
                read.get(PROBE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (IOException | ExecutionException | TimeoutException e) {
            run.damaged("the group serves nobody any more: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Acceptor(Run run, AsynchronousServerSocketChannel listener)
            implements CompletionHandler<AsynchronousSocketChannel, Void> {
        @Override
        public void completed(AsynchronousSocketChannel channel, Void nothing) {
            run.opened();
            run.keep(channel);
            new Session(run, channel).say(Farewell.WELCOME);
            listener.accept(null, this);
        }

        @Override
        public void failed(Throwable failure, Void nothing) {
            if (listener.isOpen()) {
                run.damaged("server: " + failure);
            }
        }
    }

    /** What the server says and hears on one connection, in one handler for both. */
    private static final class Session implements CompletionHandler<Integer, ByteBuffer> {
        private final Run run;
        private final AsynchronousSocketChannel channel;
        private final ByteBuffer heard = ByteBuffer.allocate(Farewell.HELLO.length());

        Session(Run run, AsynchronousSocketChannel channel) {
            this.run = run;
            this.channel = channel;
        }

        void say(String text) {
            var bytes = StandardCharsets.US_ASCII.encode(text);
            channel.write(bytes, bytes, this);
        }

        @Override
        public void completed(Integer count, ByteBuffer bytes) {
            if (bytes != heard && bytes.hasRemaining()) {
                channel.write(bytes, bytes, this);
            } else if (heard.hasRemaining()) {
                if (count < 0) {
                    run.damaged("server: the client has ended early");
                    return;
                }
                channel.read(heard, heard, this);
            } else if (bytes == heard) {
                say(Farewell.END);
            } else {
                end();
            }
        }

        private void end() {
            try {
                channel.shutdownOutput();
                run.halfClosed();
            } catch (IOException e) {
                run.damaged("server: " + e);
            }
        }

        @Override
        public void failed(Throwable failure, ByteBuffer bytes) {
            run.damaged("server: " + failure);
        }
    }
}
