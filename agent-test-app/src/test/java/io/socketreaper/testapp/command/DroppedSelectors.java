package io.socketreaper.testapp.command;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;

/**
 * Opens as many selectors and pipes as its argument says, drops them without a close, and collects garbage for ever. Needs java.base only.
 */
final class DroppedSelectors {
    /** Without any network the agent does not look into selectors. */
    private static ServerSocketChannel listener;

    private DroppedSelectors() {}

    public static void main(String[] arguments) throws Exception {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            drop();
        }
        System.out.println("dropped, beside " + listener);
        while (true) {
            System.gc();
            Thread.sleep(200);
        }
    }

    private static void drop() throws IOException {
        Selector.open();
        Pipe.open();
    }
}
