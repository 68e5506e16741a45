import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that connect all morning and stay: Netty 4.2.20 on both sides.
 *
 * <p>One after the other they connect for half of the run, two growth windows long, and each says something twice a second. Then no more
 * come, and they stay.
 */
public class NettyMorning {
    @Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    @Sharable
    private static final class Listen extends ChannelInboundHandlerAdapter {
        private final CorpusRun run;

        Listen(CorpusRun run) {
            this.run = run;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var bytes = (ByteBuf) message;
            run.checked(bytes.readableBytes());
            bytes.release();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("NettyMorning", arguments);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new Echo())
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .sync()
                .channel();
        var client =
                new Bootstrap().group(loops).channel(NioSocketChannel.class).handler(new Listen(run));
        List<Channel> clients = new ArrayList<>();
        run.forAsLongAsItIsWatched(part -> {
            while (clients.size() < run.connections() * Math.min(1, 2 * part)) {
                clients.add(client.connect(listener.localAddress()).sync().channel());
            }
            for (Channel each : clients) {
                each.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'h', 'i'}));
            }
            Thread.sleep(500);
        });
        if (!clients.stream().allMatch(Channel::isActive)) {
            run.damaged("a connection was closed");
        }
        run.stays();
    }
}
