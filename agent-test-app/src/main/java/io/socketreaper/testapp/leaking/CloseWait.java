package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** An NIO server that answers the end of input by taking its interest away, and means to close later. */
public final class CloseWait extends Forgotten {
    private static final int BACKLOG = 1024;
    private static final Object FORGOTTEN = new Object();

    public CloseWait() {
        super("close-wait", "NIO server reads the client's end, clears its interest and forgets to close (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        var selector = Selector.open();
        var listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
        var thread = new Thread(() -> serve(run, selector, listener), "close-wait-server");
        thread.setDaemon(true);
        thread.start();
        run.endWith(selector::close);
        playClients(run, (InetSocketAddress) listener.getLocalAddress());
        listener.close();
        selector.wakeup();
    }

    private static void serve(Run run, Selector selector, ServerSocketChannel listener) {
        try {
            while (selector.isOpen()) {
                selector.select(key -> ready(run, key, listener));
            }
        } catch (ClosedSelectorException over) {
            // the run has ended
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    private static void ready(Run run, SelectionKey key, ServerSocketChannel listener) {
        try {
            if (key.isAcceptable()) {
                accept(run, key.selector(), listener);
            } else {
                read(run, key);
            }
        } catch (IOException e) {
            run.damaged("server: " + e);
        }
    }

    private static void accept(Run run, Selector selector, ServerSocketChannel listener) throws IOException {
        for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
            run.opened();
            run.keep(channel);
            channel.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            channel.write(ByteBuffer.wrap(Farewell.WELCOME.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    private static void read(Run run, SelectionKey key) throws IOException {
        try {
            if (((SocketChannel) key.channel()).read(ByteBuffer.allocate(1024)) < 0) {
                key.interestOps(0);
                key.attach(FORGOTTEN);
                run.forgotten();
            }
        } catch (IOException failed) {
            if (key.attachment() != FORGOTTEN) {
                throw failed;
            }
            // It was told of its release, and forgets to close all the same.
        }
    }
}
