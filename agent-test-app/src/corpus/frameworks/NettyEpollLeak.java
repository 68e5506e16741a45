import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.socketreaper.testapp.corpus.NettyNativeLeak;

/** Netty's epoll transport, 4.1 and 4.2. */
public class NettyEpollLeak {
    public static void main(String[] arguments) throws Exception {
        NettyNativeLeak.play("NettyEpollLeak", arguments, new EpollEventLoopGroup(2), EpollServerSocketChannel.class);
    }
}
