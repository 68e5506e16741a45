import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.CharsetUtil;
import io.socketreaper.testapp.corpus.ClientRun;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** A client on Netty whose handler puts every close off, as those of HTTP/2, of the AWS SDK 2 and of netty-reactive-streams may. */
public class NettyPutOff implements ClientRun.Client {
    private final ClientRun run;
    private final EventLoopGroup loops = new NioEventLoopGroup(1);
    private final AtomicInteger open = new AtomicInteger();

    private NettyPutOff(ClientRun run) {
        this.run = run;
    }

    public static void main(String[] arguments) throws Exception {
        var run = new ClientRun("NettyPutOff", arguments, 50_000);
        run.play(new NettyPutOff(run));
    }

    @Override
    public void ask(String path, ClientRun.Answer answer) throws InterruptedException {
        Channel channel = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new PuttingOff(answer))
                .connect("127.0.0.1", run.port())
                .sync()
                .channel();
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        open.incrementAndGet();
        channel.writeAndFlush(Unpooled.copiedBuffer("GET " + path + " HTTP/1.1\r\n\r\n", CharsetUtil.US_ASCII));
    }

    @Override
    public String get(String path) throws IOException {
        return ClientRun.get(run.origin() + path);
    }

    @Override
    public int leased() {
        return open.get();
    }

    private static final class PuttingOff extends ChannelDuplexHandler {
        private final ClientRun.Answer answer;

        PuttingOff(ClientRun.Answer answer) {
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var bytes = (ByteBuf) message;
            if (answer.takeWithHead(bytes.nioBuffer())) {
                context.channel().config().setAutoRead(false);
                answer.whenResumed(() -> context.channel().config().setAutoRead(true));
            }
            bytes.release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            answer.failed(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            answer.ended();
        }

        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            // some time later
        }
    }
}
