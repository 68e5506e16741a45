import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Half-closure: Netty 4.2.20 (NIO) on both sides, ALLOW_HALF_CLOSURE.
 *
 * <p>Clients have bytes echoed, are silent for longer than the agent's timeout, have more echoed and half-close. The server goes
 * on with an answer in portions for 3.5 s, then closes. For all that time the clients are half-closed and the server's sockets
 * are in CLOSE_WAIT, and every second client takes its read interest away in between (autoRead), with bytes unread.
 */
public class NettyHalfClosure {
    private static final int SILENCE = 3500;
    private static final int PORTIONS = 7;
    private static final int PORTION_MILLIS = 500;
    private static final int PORTION = 20_000;

    /** The server's side of a connection: an echo, and after the half-close the rest of the stream in portions. */
    private static class Server extends ChannelInboundHandlerAdapter {
        private final CorpusRun run;
        private int offset;

        Server(CorpusRun run) {
            this.run = run;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            offset = check(run, (ByteBuf) message, offset);
            context.writeAndFlush(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                portion(context, PORTIONS);
            }
        }

        private void portion(ChannelHandlerContext context, int left) {
            if (left == 0) {
                context.close();
                return;
            }
            context.writeAndFlush(Unpooled.wrappedBuffer(stream(offset, PORTION)));
            offset += PORTION;
            context.executor().schedule(() -> portion(context, left - 1), PORTION_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable e) {
            run.damaged("server: " + e);
            context.close();
        }
    }

    /** The client's side: checks the stream. */
    private static class Client extends ChannelInboundHandlerAdapter {
        private final CorpusRun run;
        private volatile int sent;
        private volatile int received;

        Client(CorpusRun run) {
            this.run = run;
        }

        void send(Channel channel) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(stream(sent, PORTION)));
            sent += PORTION;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            received = check(run, (ByteBuf) message, received);
            ((ByteBuf) message).release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable e) {
            run.damaged("client: " + e);
            context.close();
        }
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("NettyHalfClosure", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Server(run));
                    }
                })
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .sync()
                .channel();
        List<Client> clients = new ArrayList<>();
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            Client client = new Client(run);
            clients.add(client);
            channels.add((SocketChannel) new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(client)
                    .connect(listener.localAddress())
                    .sync()
                    .channel());
        }

        int rest = run.watchSeconds() * 1000 - SILENCE - PORTIONS * PORTION_MILLIS;
        int load = Math.max(300, rest / 2);
        echoes(run, clients, channels, load);
        Thread.sleep(SILENCE);
        echoes(run, clients, channels, load);

        channels.forEach(SocketChannel::shutdownOutput);
        int total = clients.get(0).sent + PORTIONS * PORTION;
        for (int tick = 0; channels.stream().anyMatch(Channel::isActive) && tick < 100; tick++) {
            for (int i = 1; i < channels.size(); i += 2) {
                channels.get(i).config().setAutoRead(tick % 4 == 3); // 0.9 s of 1.2 s without read interest
            }
            Thread.sleep(300);
        }
        for (Client client : clients) {
            if (client.received != total) {
                run.damaged(client.received + " bytes instead of " + total);
            }
        }
        for (Channel channel : channels) {
            channel.close().sync();
        }
        listener.close().sync();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }

    private static void echoes(CorpusRun run, List<Client> clients, List<SocketChannel> channels, long millis)
            throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(50)) {
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i).send(channels.get(i));
            }
        }
        run.await("all echoes", () -> clients.stream().allMatch(c -> c.received == c.sent));
    }

    /** Compares with the stream from an offset on and returns the next offset. */
    private static int check(CorpusRun run, ByteBuf received, int offset) {
        byte[] bytes = new byte[received.readableBytes()];
        received.getBytes(received.readerIndex(), bytes);
        if (!Arrays.equals(bytes, stream(offset, bytes.length))) {
            run.damaged("wrong bytes at " + offset);
        }
        run.checked(bytes.length);
        return offset + bytes.length;
    }

    private static byte[] stream(int offset, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int at = offset + i;
            bytes[i] = (byte) (at ^ at >> 8 ^ at >> 16);
        }
        return bytes;
    }
}
