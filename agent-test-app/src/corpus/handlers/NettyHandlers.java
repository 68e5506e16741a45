import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.socketreaper.testapp.corpus.Handlers;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Netty: handlers that switch auto-read off, write once and never switch it on again. */
public class NettyHandlers {
    static final class Orders {
        static void answer(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(false);
            context.writeAndFlush(Unpooled.wrappedBuffer(Handlers.event()));
        }
    }

    static final class Invoices {
        static void answer(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(false);
            context.writeAndFlush(Unpooled.wrappedBuffer(Handlers.event()));
        }
    }

    public static void main(String[] arguments) throws Exception {
        var server = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext context, Object message) {
                                var request = (ByteBuf) message;
                                boolean orders = request.toString(StandardCharsets.US_ASCII)
                                        .contains("/orders");
                                request.release();
                                if (orders) {
                                    Orders.answer(context);
                                } else {
                                    Invoices.answer(context);
                                }
                            }
                        });
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        Handlers.serve(((InetSocketAddress) server.localAddress()).getPort());
    }
}
