package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Every other channel was never bound, every other was never connected, all are dropped: a start-up that failed half-way. */
public final class DroppedUnused extends Forgotten {
    public DroppedUnused() {
        super("dropped-unused", "never bound and never connected channels, dropped and garbage-collected (track=all)");
    }

    @Override
    public void play(Run run) throws Exception {
        useForAWhile(run, DroppedUnused::open);
        collectNowAndThen(run);
    }

    interface Opening {
        Channel open(int number) throws IOException;
    }

    /** What is dropped and collected before the agent has looked at it once is only ever counted, never attributed. */
    static void useForAWhile(Run run, Opening opening) throws IOException, InterruptedException {
        List<Channel> inUse = new ArrayList<>();
        for (int i = 0; i < run.sockets(); i++) {
            inUse.add(opening.open(i));
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
        return number % 2 == 0 ? ServerSocketChannel.open() : SocketChannel.open();
    }
}
