package io.socketreaper.testapp.pressure;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Opens sockets and forgets them until its JVM has no descriptor left. A server answers one line of each connection; a client asks as
 * often as a line of its standard input says. Both try again what has failed, as servers do. Prints {@code FAILED why} when
 * something fails that worked before, and {@code SERVED after N ms} when it works again. Needs java.base only.
 */
final class DescriptorEater {
    private static final int BACKLOG = 1024;
    private static final int TRY_AGAIN_MILLIS = 10;

    private final List<Object> forgotten = new ArrayList<>();
    /** True if it keeps no reference to a socket, so that only the collector can find it. */
    private final boolean drops;

    private long failedSince;

    private DescriptorEater(boolean drops) {
        this.drops = drops;
    }

    /** @param arguments what it does; a port where it connects */
    public static void main(String[] arguments) throws Exception {
        var kind = arguments[0];
        var eater = new DescriptorEater(kind.startsWith("dropped-"));
        switch (kind) {
            case "channel", "dropped-channel" -> eater.serveChannels();
            case "selector" -> eater.select();
            case "socket", "dropped-socket" -> eater.serveSockets();
            case "async" -> eater.serveAsynchronously();
            case "open" -> eater.open();
            case "connect-channel", "connect-socket" ->
                eater.connect(kind.endsWith("channel"), loopback(Integer.parseInt(arguments[1])));
            default -> throw new IllegalArgumentException(kind);
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    // -- Servers

    private void serveChannels() throws IOException {
        var listener = ServerSocketChannel.open().bind(loopback(0), BACKLOG);
        System.out.println("port " + listener.socket().getLocalPort());
        while (true) {
            try {
                var channel = listener.accept();
                worked();
                serve(channel);
            } catch (IOException e) {
                failed(e);
            }
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        var question = new StringBuilder();
        var one = ByteBuffer.allocate(1);
        while (channel.read(one.clear()) > 0 && one.get(0) != '\n') {
            question.append((char) one.get(0));
        }
        channel.write(ByteBuffer.wrap(answer(question)));
        if (!drops) {
            channel.shutdownOutput();
        }
        forget(channel);
    }

    private void select() throws IOException {
        var selector = Selector.open();
        var listener = ServerSocketChannel.open().bind(loopback(0), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        System.out.println("port " + listener.socket().getLocalPort());
        while (true) {
            selector.select(key -> {
                try {
                    if (key.isAcceptable()) {
                        accept(listener, selector);
                    } else {
                        answer(key);
                    }
                } catch (IOException e) {
                    failed(e);
                }
            });
        }
    }

    private void accept(ServerSocketChannel listener, Selector selector) throws IOException {
        for (var channel = listener.accept(); channel != null; channel = listener.accept()) {
            worked();
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void answer(SelectionKey key) throws IOException {
        var channel = (SocketChannel) key.channel();
        var question = ByteBuffer.allocate(100);
        channel.read(question);
        channel.write(ByteBuffer.wrap(
                answer(new String(question.array(), 0, question.position() - 1, StandardCharsets.US_ASCII))));
        key.interestOps(0);
        channel.shutdownOutput();
        forget(channel);
    }

    private void serveSockets() throws IOException {
        var listener = new ServerSocket();
        listener.bind(loopback(0), BACKLOG);
        System.out.println("port " + listener.getLocalPort());
        while (true) {
            try {
                var socket = listener.accept();
                worked();
                socket.getOutputStream().write(answer(readLine(socket.getInputStream())));
                if (!drops) {
                    socket.shutdownOutput();
                }
                forget(socket);
            } catch (IOException e) {
                failed(e);
            }
        }
    }

    private void serveAsynchronously() throws Exception {
        var listener = AsynchronousServerSocketChannel.open().bind(loopback(0), BACKLOG);
        System.out.println("port " + ((InetSocketAddress) listener.getLocalAddress()).getPort());
        while (true) {
            try {
                var channel = listener.accept().get();
                worked();
                var question = ByteBuffer.allocate(100);
                channel.read(question).get();
                channel.write(ByteBuffer.wrap(answer(
                                new String(question.array(), 0, question.position() - 1, StandardCharsets.US_ASCII))))
                        .get();
                channel.shutdownOutput();
                forget(channel);
            } catch (ExecutionException e) {
                failed((IOException) e.getCause());
            }
        }
    }

    private static byte[] answer(CharSequence question) {
        return ("answer " + question + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    // -- Clients

    private void connect(boolean channels, InetSocketAddress server) throws IOException {
        System.out.println("port " + server.getPort());
        for (var word = readLine(System.in); !word.isEmpty(); word = readLine(System.in)) {
            for (int left = Integer.parseInt(word); left > 0; ) {
                try {
                    if (channels) {
                        ask(SocketChannel.open(server));
                    } else {
                        ask(new Socket(server.getAddress(), server.getPort()));
                    }
                    left--;
                } catch (IOException e) {
                    failed(e);
                }
            }
            System.out.println(word + " answered");
        }
    }

    private void ask(SocketChannel channel) throws IOException {
        worked();
        channel.write(ByteBuffer.wrap("question\n".getBytes(StandardCharsets.US_ASCII)));
        var got = ByteBuffer.allocate(100);
        while (channel.read(got) > 0 && got.get(got.position() - 1) != '\n') {
            // up to the end of the line
        }
        check(new String(got.array(), 0, got.position(), StandardCharsets.US_ASCII));
        channel.shutdownOutput();
        forget(channel);
    }

    private void ask(Socket socket) throws IOException {
        worked();
        OutputStream out = socket.getOutputStream();
        out.write("question\n".getBytes(StandardCharsets.US_ASCII));
        check(readLine(socket.getInputStream()) + "\n");
        socket.shutdownOutput();
        forget(socket);
    }

    private static void check(String answer) {
        if (!answer.equals("answer question\n")) {
            throw new IllegalStateException("got '" + answer + "'");
        }
    }

    private static String readLine(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    // -- Neither

    /** Opens one thing after another when no descriptor is left, and gives all back when it is told to go on. */
    private void open() throws IOException {
        SocketChannel.open().close();
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
        openWithoutDescriptors("ServerSocketChannel", ServerSocketChannel::open);
        openWithoutDescriptors("ServerSocket", () -> new ServerSocket(0));
        openWithoutDescriptors("unix-domain SocketChannel", () -> SocketChannel.open(StandardProtocolFamily.UNIX));
        readLine(System.in);
    }

    private static void openWithoutDescriptors(String what, Callable<? extends Closeable> opening) throws IOException {
        readLine(System.in);
        var all = new ArrayList<Closeable>();
        for (boolean failed = false; !failed; ) {
            fill(all);
            try {
                // Works if another thread has closed a descriptor of its own since: fill that one, too.
                all.add(opening.call());
            } catch (Exception e) {
                failed = true;
                System.out.println("FAILED " + what + ": " + e);
            }
        }
        readLine(System.in);
        for (var one : all) {
            one.close();
        }
    }

    private static void fill(List<Closeable> all) {
        try {
            while (true) {
                all.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException full) {
            // No descriptor is left.
        }
    }

    // -- Servers and clients

    private void forget(Object socket) {
        if (!drops) {
            forgotten.add(socket);
        }
    }

    private void failed(IOException why) {
        if (failedSince == 0) {
            failedSince = System.nanoTime();
            System.out.println("FAILED " + why);
        }
        try {
            Thread.sleep(TRY_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void worked() {
        if (failedSince != 0) {
            System.out.println(
                    "SERVED after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - failedSince) + " ms");
            failedSince = 0;
        }
    }
}
