import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import io.socketreaper.testapp.corpus.NettyNativePause;

/** Netty's io_uring transport: half-closed clients that pause, and that wait. */
public class NettyUringPause {
    private static final int NOT_AVAILABLE = 77;

    public static void main(String[] arguments) throws Exception {
        if (!IoUring.isAvailable()) {
            System.out.println("SKIPPED io_uring does not load: " + IoUring.unavailabilityCause());
            System.exit(NOT_AVAILABLE);
        }
        NettyNativePause.play(
                "NettyUringPause",
                arguments,
                new MultiThreadIoEventLoopGroup(2, IoUringIoHandler.newFactory()),
                IoUringSocketChannel.class);
    }
}
