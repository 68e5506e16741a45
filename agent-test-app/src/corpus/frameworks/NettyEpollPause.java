import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.socketreaper.testapp.corpus.NettyNativePause;

/** Netty's epoll transport: half-closed clients that pause, and that wait. */
public class NettyEpollPause {
    public static void main(String[] arguments) throws Exception {
        NettyNativePause.play("NettyEpollPause", arguments, new EpollEventLoopGroup(2), EpollSocketChannel.class);
    }
}
