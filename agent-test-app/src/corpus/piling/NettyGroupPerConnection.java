import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.socketreaper.testapp.corpus.CorpusRun;
import io.socketreaper.testapp.corpus.Server;

/**
 * Netty 4.1.137.Final, https://github.com/netty/netty/issues/3120.
 *
 * <p>A client makes an event-loop group for each connection, closes the connection and forgets the group: each loop keeps its thread, its
 * epoll and its eventfd. The issue counts 9,628 of them and 30,000 open files.
 */
public class NettyGroupPerConnection {
    public static void main(String[] arguments) throws Exception {
        int port = Server.answering("hello\\n");
        new CorpusRun("NettyGroupPerConnection", arguments).pileUp(number -> greet(port));
    }

    private static void greet(int port) throws InterruptedException {
        Channel channel = new Bootstrap()
                .group(new NioEventLoopGroup(1))
                .channel(NioSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect("127.0.0.1", port)
                .sync()
                .channel();
        channel.close().sync();
    }
}
