import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.socketreaper.testapp.corpus.NettyNativeLost;

/** Netty's epoll transport, 4.1 and 4.2. */
public class NettyEpollLost {
    public static void main(String[] arguments) throws Exception {
        NettyNativeLost.play(
                "NettyEpollLost",
                arguments,
                new EpollEventLoopGroup(2),
                EpollServerSocketChannel.class,
                EpollSocketChannel::new);
    }
}
