import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.CharsetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/** What the tests' Hungry does, on Netty's epoll transport: answers one line per connection and forgets it, until nothing is left. */
public class NettyEpollDescriptorEater {
    private static final List<Channel> FORGOTTEN = new CopyOnWriteArrayList<>();

    public static void main(String[] arguments) throws Exception {
        // The JDK's logging opens files for its first line; without a descriptor that fails, and with it Netty's event
        // loop.
        Logger.getLogger(NettyEpollDescriptorEater.class.getName()).warning("accepts that fail are logged");
        var listener = new ServerBootstrap()
                .group(new EpollEventLoopGroup(1))
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new Accepting())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Answering());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        System.out.println("port " + ((InetSocketAddress) listener.localAddress()).getPort());
        listener.closeFuture().sync();
    }

    /** Netty itself pauses for a second when an accept has failed. */
    private static final class Accepting extends ChannelInboundHandlerAdapter {
        private long failedSince;

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            if (failedSince != 0) {
                System.out.println(
                        "SERVED after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - failedSince) + " ms");
                failedSince = 0;
            }
            context.fireChannelRead(accepted);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable why) {
            if (failedSince == 0) {
                failedSince = System.nanoTime();
                System.out.println("FAILED " + why);
            }
            context.fireExceptionCaught(why);
        }
    }

    private static final class Answering extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var question = (ByteBuf) message;
            var answer = "answer " + question.toString(CharsetUtil.US_ASCII);
            question.release();
            context.channel().config().setAutoRead(false);
            FORGOTTEN.add(context.channel());
            context.writeAndFlush(Unpooled.copiedBuffer(answer, CharsetUtil.US_ASCII))
                    .addListener((ChannelFuture written) -> ((DuplexChannel) written.channel()).shutdownOutput());
        }
    }
}
