package io.socketreaper.testapp.stack;

import io.socketreaper.testapp.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Reads in every way that the JDK has, on sockets that are half-closed and on some that are not, and prints what woven code told of
 * each. Waits on standard input for a line before it begins, and for another before it ends. Needs {@code --add-opens=java.base/sun.nio.ch=ALL-UNNAMED}, and stands
 * in for the agent's receiver. Needs java.base only.
 */
final class ReadProbe {
    private static final int READ = 2;
    private static final int READ_NOTHING = 11;
    private static final int END_OF_INPUT = 12;
    private static final int POLLED_INPUT = 13;
    private static final int READ_ABOVE = 14;
    private static final int END_OF_INPUT_ABOVE = 15;
    private static final int POLLED_INPUT_ABOVE = 16;
    private static final int WROTE = 8;

    private static final Queue<String> TOLD = new ConcurrentLinkedQueue<>();

    private static SSLContext tls;

    private ReadProbe() {}

    /** Reads once; returns what the read returned. */
    private interface Read<S> {
        long of(S socket) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        try (var listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0))) {
            // Known to the agent, and woven, before anything is asked.
            channel(listener, "", true, channel -> channel.read(ByteBuffer.allocate(9)));
            socket(listener, "", true, socket -> socket.getInputStream().read());
            asynchronous(
                    listener,
                    "",
                    true,
                    channel -> channel.read(ByteBuffer.allocate(9)).get());
            tls = Tls.context();
            System.out.println("ready");
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            in.readLine();
            var hook = Class.forName("sun.nio.ch.SocketReaperHook");
            var receiver = hook.getDeclaredField("delegate");
            receiver.setAccessible(true);
            receiver.set(null, (ObjIntConsumer<Object>) (socket, event) -> told(event));
            for (boolean half : new boolean[] {true, false}) {
                all(listener, half);
            }
            System.out.println("done");
            in.readLine();
        }
    }

    private static void all(ServerSocketChannel listener, boolean half) throws Exception {
        channel(listener, "channel", half, channel -> channel.read(ByteBuffer.allocate(9)));
        channel(
                listener,
                "scattering",
                half,
                channel -> channel.read(new ByteBuffer[] {ByteBuffer.allocate(2), ByteBuffer.allocate(9)}));
        channel(
                listener,
                "adaptor",
                half,
                channel -> channel.socket().getInputStream().read(new byte[9]));
        channel(listener, "adaptor-timed", half, channel -> {
            channel.socket().setSoTimeout(20_000);
            return channel.socket().getInputStream().read(new byte[9]);
        });
        socket(listener, "socket", half, socket -> socket.getInputStream().read(new byte[9]));
        socket(listener, "socket-timed", half, socket -> {
            socket.setSoTimeout(20_000);
            return socket.getInputStream().read(new byte[9]);
        });
        asynchronous(
                listener,
                "async-future",
                half,
                channel -> channel.read(ByteBuffer.allocate(9)).get());
        asynchronous(listener, "async-handler", half, ReadProbe::handled);
        asynchronous(listener, "async-scattering", half, ReadProbe::scattered);
        nothing(listener, half);
        available(listener, half);
        tls(half);
        transfer(listener, half);
    }

    /** One record of 5 bytes, read in two goes, the second from what is decrypted already. */
    private static void tls(boolean half) throws Exception {
        var context = tls;
        try (var server = context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var socket = (SSLSocket) context.getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
            var peer = new CompletableFuture<SSLSocket>();
            var accepting = new Thread(() -> {
                try {
                    var accepted = (SSLSocket) server.accept();
                    accepted.startHandshake();
                    accepted.getOutputStream().write(new byte[5]);
                    peer.complete(accepted);
                } catch (IOException e) {
                    peer.completeExceptionally(e);
                }
            });
            accepting.start();
            socket.startHandshake();
            try (var accepted = peer.get()) {
                if (half) {
                    socket.shutdownOutput();
                }
                TOLD.clear();
                var in = socket.getInputStream();
                var results = new StringJoiner(" ")
                        // 0: what has come is not decrypted before it is read
                        .add(in.available() + "")
                        .add(in.read(new byte[3]) + "")
                        .add(in.available() + "")
                        .add(in.read(new byte[3]) + "");
                accepted.shutdownOutput();
                results.add(in.read(new byte[3]) + "");
                // What the layer below has read for it depends on the version of TLS.
                TOLD.removeIf(told -> !told.endsWith("_ABOVE"));
                print("tls", half, results.toString());
            }
        }
    }

    /** While traffic is on, as if another socket were being observed. */
    private static void transfer(ServerSocketChannel listener, boolean half) throws Exception {
        var traffic = Class.forName("sun.nio.ch.SocketReaperHook").getField("traffic");
        var file = Files.write(Files.createTempFile("sent", ".bin"), new byte[5]);
        try (var channel = SocketChannel.open(listener.getLocalAddress());
                var peer = listener.accept();
                var sent = FileChannel.open(file);
                var copy = FileChannel.open(file, StandardOpenOption.WRITE)) {
            TOLD.clear();
            if (!half) {
                traffic.setBoolean(null, true);
            }
            try {
                long toFile = sent.transferTo(0, 5, copy);
                print("transfer", half, toFile + " " + sent.transferTo(0, 5, channel));
            } finally {
                traffic.setBoolean(null, false);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static void told(int event) {
        var name =
                switch (event) {
                    case READ -> "READ";
                    case READ_NOTHING -> "READ_NOTHING";
                    case END_OF_INPUT -> "END_OF_INPUT";
                    case POLLED_INPUT -> "POLLED_INPUT";
                    case READ_ABOVE -> "READ_ABOVE";
                    case END_OF_INPUT_ABOVE -> "END_OF_INPUT_ABOVE";
                    case POLLED_INPUT_ABOVE -> "POLLED_INPUT_ABOVE";
                    case WROTE -> "WROTE";
                    default -> "";
                };
        if (!name.isEmpty()) {
            TOLD.add(name);
        }
        if (event == END_OF_INPUT
                && StackWalker.getInstance()
                        .walk(frames ->
                                frames.noneMatch(frame -> frame.getMethodName().contains("ead")
                                        && frame.getClassName().startsWith("sun.")))) {
            TOLD.add("NOT_IN_THE_READ");
        }
    }

    private static void channel(ServerSocketChannel listener, String name, boolean half, Read<SocketChannel> read)
            throws Exception {
        try (var channel = SocketChannel.open(listener.getLocalAddress());
                var peer = listener.accept()) {
            if (half) {
                channel.shutdownOutput();
            }
            bytesThenEnd(name, half, peer, () -> read.of(channel));
        }
    }

    private static void socket(ServerSocketChannel listener, String name, boolean half, Read<Socket> read)
            throws Exception {
        try (var socket = new Socket()) {
            socket.connect(listener.getLocalAddress());
            try (var peer = listener.accept()) {
                if (half) {
                    socket.shutdownOutput();
                }
                bytesThenEnd(name, half, peer, () -> read.of(socket));
            }
        }
    }

    private static void asynchronous(
            ServerSocketChannel listener, String name, boolean half, Read<AsynchronousSocketChannel> read)
            throws Exception {
        try (var channel = AsynchronousSocketChannel.open()) {
            channel.connect(listener.getLocalAddress()).get();
            try (var peer = listener.accept()) {
                if (half) {
                    channel.shutdownOutput();
                }
                bytesThenEnd(name, half, peer, () -> read.of(channel));
            }
        }
    }

    private interface Reading {
        long read() throws Exception;
    }

    private static void bytesThenEnd(String name, boolean half, SocketChannel peer, Reading reading) throws Exception {
        peer.write(ByteBuffer.wrap(new byte[5]));
        TOLD.clear();
        long bytes = reading.read();
        peer.shutdownOutput();
        long end = reading.read();
        print(name, half, bytes + " " + end);
    }

    private static void print(String name, boolean half, String results) {
        if (!name.isEmpty()) {
            System.out.println(name + (half ? " half-closed " : " open ") + results + " " + String.join(" ", TOLD));
        }
    }

    private static void nothing(ServerSocketChannel listener, boolean half) throws IOException {
        try (var channel = SocketChannel.open(listener.getLocalAddress());
                var peer = listener.accept()) {
            if (half) {
                channel.shutdownOutput();
            }
            channel.configureBlocking(false);
            TOLD.clear();
            print("nothing", half, channel.read(ByteBuffer.allocate(9)) + "");
        }
    }

    private static void available(ServerSocketChannel listener, boolean half) throws IOException {
        try (var channel = SocketChannel.open(listener.getLocalAddress());
                var peer = listener.accept();
                var socket = new Socket()) {
            socket.connect(listener.getLocalAddress());
            listener.accept().close();
            if (half) {
                channel.shutdownOutput();
                socket.shutdownOutput();
            }
            TOLD.clear();
            print(
                    "available",
                    half,
                    channel.socket().getInputStream().available() + " "
                            + socket.getInputStream().available());
        }
    }

    private static long handled(AsynchronousSocketChannel channel) throws Exception {
        var done = new Done<Integer>();
        channel.read(ByteBuffer.allocate(9), null, done);
        return done.result();
    }

    private static long scattered(AsynchronousSocketChannel channel) throws Exception {
        var done = new Done<Long>();
        channel.read(
                new ByteBuffer[] {ByteBuffer.allocate(2), ByteBuffer.allocate(9)},
                0,
                2,
                20,
                TimeUnit.SECONDS,
                null,
                done);
        return done.result();
    }

    private static final class Done<N extends Number> implements CompletionHandler<N, Void> {
        private final CountDownLatch latch = new CountDownLatch(1);
        private volatile long result = Long.MIN_VALUE;

        @Override
        public void completed(N count, Void none) {
            result = count.longValue();
            latch.countDown();
        }

        @Override
        public void failed(Throwable why, Void none) {
            latch.countDown();
        }

        long result() throws InterruptedException {
            latch.await(20, TimeUnit.SECONDS);
            return result;
        }
    }
}
