import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.socketreaper.testapp.corpus.NettyNativeLost;

/** Netty's io_uring transport, 4.2; where the kernel does not let it load, nothing is tested, and the exit code says so. */
public class NettyUringLost {
    private static final int NOT_AVAILABLE = 77;

    public static void main(String[] arguments) throws Exception {
        if (!IoUring.isAvailable()) {
            System.out.println("SKIPPED io_uring does not load: " + IoUring.unavailabilityCause());
            System.exit(NOT_AVAILABLE);
        }
        NettyNativeLost.play(
                "NettyUringLost",
                arguments,
                new MultiThreadIoEventLoopGroup(2, IoUringIoHandler.newFactory()),
                IoUringServerSocketChannel.class,
                IoUringSocketChannel::new);
    }
}
