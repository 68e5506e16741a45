import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Netty 4.1.47.Final, https://github.com/netty/netty/issues/10109 (fixed in 4.1.48).
 *
 * <p>{@code Bootstrap.connect} opens and registers the channel, then asks for a name resolver. If that cannot be created (here
 * as when no descriptor is left for its UDP socket), the connect fails and the channel stays open in the event loop. The
 * server, a Python process, never hears of it. Kind: never-connected.
 */
public class NettyResolverFailure {
    public static void main(String[] arguments) throws Exception {
        var run = new CorpusRun("NettyResolverFailure", arguments);
        var server = new ProcessBuilder("python3", "src/corpus/peers/listener.py")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int port = Integer.parseInt(server.inputReader().readLine());
        var loops = new NioEventLoopGroup(1);
        var client = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {}
                });
        var first = client.connect("127.0.0.1", port).sync().channel();
        var open = SocketDescriptors.links();
        first.close().sync();
        // The loop's next selection frees the descriptor, on a busy machine late.
        run.await(
                "the first channel's descriptor to go",
                () -> !SocketDescriptors.links().containsAll(open));
        run.baseline();

        client.resolver(new NoResolver());
        for (int i = 0; i < run.connections(); i++) {
            var connected = client.connect("127.0.0.1", port).await();
            if (connected.isSuccess()) {
                run.damaged("connected without a resolver");
            }
        }
        run.await("the leak", () -> run.held() == run.connections());
        run.leaked();
    }

    private static final class NoResolver extends AddressResolverGroup<InetSocketAddress> {
        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) throws IOException {
            throw new IOException("Too many open files");
        }
    }
}
