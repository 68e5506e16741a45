package io.socketreaper.testapp.leaking;

import io.socketreaper.testapp.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;

/** Channels that listen and are dropped: each may be the lock of a program that is to run once, whose port must stay taken. */
public final class DroppedListener extends Forgotten {
    public DroppedListener() {
        super("dropped-listener", "listening channels, dropped and garbage-collected (track=all; only ever reported)");
    }

    @Override
    public void play(Run run) throws Exception {
        DroppedUnused.useForAWhile(run, DroppedListener::open);
        collectNowAndThen(run);
    }

    private static Channel open(int number) throws IOException {
        return ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    }
}
