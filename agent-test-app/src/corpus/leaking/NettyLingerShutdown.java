import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;

/**
 * Netty 4.1.72.Final, https://github.com/netty/netty/issues/11981 (fixed in 4.1.73).
 *
 * <p>{@code shutdownOutput} of a channel with SO_LINGER cancels its selection key, so that the half-closed channel never
 * reads again, not even the end of input on which Netty would close it. Here a server answers, shuts its output and goes on
 * reading; the clients (Python) read the answer to its end, say a last word and close. Kind: half-closed.
 */
public class NettyLingerShutdown {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("NettyLingerShutdown", arguments);
        var loops = new NioEventLoopGroup(1);
        int healthy = serve(loops, -1);
        int lingering = serve(loops, 5);
        clients(healthy, 1);
        run.baseline();

        clients(lingering, run.connections());
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static int serve(NioEventLoopGroup loops, int linger) throws InterruptedException {
        var server = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.SO_LINGER, linger)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Farewell());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    private static void clients(int port, int count) throws Exception {
        var clients = new ProcessBuilder(
                        "python3",
                        "src/corpus/peers/say_and_leave.py",
                        "" + port,
                        "" + count,
                        "hello\\n",
                        "over quota\\n",
                        "bye\\n")
                .inheritIO()
                .start();
        if (clients.waitFor() != 0) {
            throw new IllegalStateException("the clients failed");
        }
    }

    private static final class Farewell extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean answered;

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf words) {
            if (!answered) {
                answered = true;
                var answer = context.alloc().buffer().writeBytes("over quota\n".getBytes());
                context.writeAndFlush(answer).addListener(sent -> ((SocketChannel) context.channel()).shutdownOutput());
            }
        }
    }
}
