package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Every other channel listens, every other was never connected, all are dropped: a start-up that failed half-way. */
public final class DroppedUnused extends Forgotten {
    public DroppedUnused() {
        super("dropped-unused", "listening and never connected channels, dropped and garbage-collected (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        useForAWhile(run);
        collectNowAndThen(run);
    }

    /** What is dropped and collected before the agent has looked at it once is only ever counted, never attributed. */
    private static void useForAWhile(Run run) throws IOException, InterruptedException {
        List<Channel> inUse = new ArrayList<>();
        for (int i = 0; i < run.sockets(); i++) {
            inUse.add(open(i));
            run.opened();
        }
        Thread.sleep(run.reaperTimeout().toMillis());
        for (var channel : inUse) {
            if (channel.isOpen()) {
                run.forgotten();
            }
        }
    }

    private static Channel open(int number) throws IOException {
        return number % 2 == 0
                ? ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1)
                : SocketChannel.open();
    }
}
