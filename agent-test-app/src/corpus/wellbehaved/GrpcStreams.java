import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.socketreaper.testapp.corpus.CorpusRun;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * gRPC 1.85.1 with its shaded Netty: NIO for the server and half of the clients, the native epoll transport for the others.
 *
 * <p>Every client has one HTTP/2 connection with a bidirectional stream, on which messages are echoed. The stream stays open and
 * silent for longer than the agent's timeout, without keepalive, and then goes on. Half-closing a stream does not half-close
 * its connection.
 */
public class GrpcStreams {
    private static final int SILENCE = 3500;
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };
    private static final MethodDescriptor<byte[], byte[]> ECHO = MethodDescriptor.newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName("corpus/echo")
            .build();

    /** Returns every message. */
    private static class Echo implements StreamObserver<byte[]> {
        private final StreamObserver<byte[]> answers;

        Echo(StreamObserver<byte[]> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(byte[] message) {
            answers.onNext(message);
        }

        @Override
        public void onError(Throwable e) {}

        @Override
        public void onCompleted() {
            answers.onCompleted();
        }
    }

    /** Checks that its messages come back in order. */
    private static class Client implements StreamObserver<byte[]> {
        private final CorpusRun run;
        private final ManagedChannel channel;
        private final StreamObserver<byte[]> requests;
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger received = new AtomicInteger();
        private volatile boolean completed;

        Client(CorpusRun run, ManagedChannel channel) {
            this.run = run;
            this.channel = channel;
            requests = ClientCalls.asyncBidiStreamingCall(channel.newCall(ECHO, CallOptions.DEFAULT), this);
        }

        void sendNext() {
            requests.onNext(message(sent.getAndIncrement()));
        }

        @Override
        public void onNext(byte[] message) {
            if (!Arrays.equals(message, message(received.get()))) {
                run.damaged("wrong echo of " + message.length + " bytes");
            }
            run.checked(message.length);
            received.incrementAndGet();
        }

        @Override
        public void onError(Throwable e) {
            run.damaged("client: " + Status.fromThrowable(e));
        }

        @Override
        public void onCompleted() {
            completed = true;
        }
    }

    public static void main(String[] arguments) {
        CorpusRun run = new CorpusRun("GrpcStreams", arguments);
        try {
            story(run);
        } catch (Exception e) {
            run.damaged(e.toString());
        }
        run.intact();
    }

    private static void story(CorpusRun run) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(NioServerSocketChannel.class)
                .addService(ServerServiceDefinition.builder("corpus")
                        .addMethod(ECHO, ServerCalls.asyncBidiStreamingCall(Echo::new))
                        .build())
                .build()
                .start();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < run.connections(); i++) {
            NettyChannelBuilder channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                    .usePlaintext();
            if (i % 2 == 0) {
                channel.eventLoopGroup(loops).channelType(NioSocketChannel.class);
            }
            clients.add(new Client(run, channel.build()));
        }

        long load = (run.watchSeconds() * 1000L - SILENCE) / 2;
        echoes(run, clients, load);
        Thread.sleep(SILENCE);
        echoes(run, clients, load);
        clients.forEach(c -> c.requests.onCompleted());
        run.await("all streams completed", () -> clients.stream().allMatch(c -> c.completed));

        for (Client client : clients) {
            client.channel.shutdown().awaitTermination(5, TimeUnit.SECONDS);
        }
        server.shutdown().awaitTermination(5, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).sync();
    }

    private static void echoes(CorpusRun run, List<Client> clients, long millis) throws Exception {
        for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; Thread.sleep(30)) {
            clients.forEach(Client::sendNext);
        }
        run.await("all echoes", () -> clients.stream().allMatch(c -> c.received.get() == c.sent.get()));
    }

    private static byte[] message(int number) {
        Random random = new Random(number);
        byte[] bytes = new byte[random.nextInt(20_000)];
        random.nextBytes(bytes);
        return bytes;
    }
}
