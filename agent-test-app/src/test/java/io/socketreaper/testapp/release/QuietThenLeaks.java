package io.socketreaper.testapp.release;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks for the runtime's MXBean, as many libraries do, does nothing for a while, then leaks a channel and says
 * {@code RELEASED after N ms} when it has been released.
 */
final class QuietThenLeaks {
    private static final long AT_MOST = TimeUnit.SECONDS.toNanos(60);

    private QuietThenLeaks() {}

    /** @param arguments for how many milliseconds it does nothing */
    public static void main(String[] arguments) throws Exception {
        System.out.println("up for " + ManagementFactory.getRuntimeMXBean().getUptime() + " ms");
        try (var listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var peer = SocketChannel.open(listener.getLocalAddress());
                var ours = listener.accept()) {
            peer.write(ByteBuffer.wrap(new byte[1]));
            Thread.sleep(Long.parseLong(arguments[0]));
            long since = System.nanoTime();
            ours.shutdownOutput();
            while (ours.isOpen() && System.nanoTime() - since < AT_MOST) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            System.out.println("RELEASED after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since) + " ms");
        }
    }
}
