package io.socketreaper.testapp.torture;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An event loop: many channels on one selector, whose thread may be busy with something else between two selections. */
final class Loop implements Closeable {
    private final Selector selector = Selector.open();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final int busyMillis;
    private final SplittableRandom random = new SplittableRandom();

    /** @param busyMillis how long it does something else after a selection, at most; often it does not */
    Loop(String name, int busyMillis) throws IOException {
        this.busyMillis = busyMillis;
        var thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Registers a channel that wants nothing; the loop does it, as event loops do. */
    LoopTestSocket register(SocketChannel channel, boolean deaf) throws IOException {
        channel.configureBlocking(false);
        return new LoopTestSocket(this, channel, channel.register(selector, 0), deaf);
    }

    void wakeup() {
        selector.wakeup();
    }

    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    private void run() {
        try {
            while (selector.isOpen()) {
                selector.select();
                for (var task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                if (!selector.isOpen()) {
                    return;
                }
                for (var keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                    ready(keys.next());
                    keys.remove();
                }
                doSomethingElse();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void ready(SelectionKey key) {
        var line = (LoopTestSocket) key.attachment();
        if (line != null) {
            try {
                line.ready(key.readyOps());
            } catch (CancelledKeyException e) {
                line.cancelled();
            }
        }
    }

    private void doSomethingElse() throws InterruptedException {
        if (busyMillis > 0 && random.nextInt(8) == 0) {
            Thread.sleep(random.nextInt(busyMillis));
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
