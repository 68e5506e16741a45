import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.File;
import java.nio.charset.StandardCharsets;

/**
 * Netty 4.2: refuses each mail, half-closes and stops reading, collects garbage for ten seconds, and ends. For
 * docs/comparison.md: does Netty's leak detector say a word?
 */
public final class NettyQuota extends ChannelInboundHandlerAdapter {
    public static void main(String[] arguments) throws Exception {
        var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new NettyQuota())
                .bind("127.0.0.1", Integer.parseInt(arguments[0]))
                .sync();
        for (int i = 0; i < 20; i++) {
            Thread.sleep(500);
            System.gc();
        }
        System.out.println("end: " + new File("/proc/self/fd").list().length + " descriptors");
        System.exit(0);
    }

    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(false);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.wrappedBuffer("552 quota\r\n".getBytes(StandardCharsets.US_ASCII)))
                .addListener(written -> ((DuplexChannel) context.channel()).shutdownOutput());
    }
}
