package io.socketreaper.testapp.command;

import io.socketreaper.testapp.Tls;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import javax.net.ssl.SSLSocket;

/**
 * Sends a request on a socket of each API, shuts its output, and reads nothing. At the word {@code read} on standard input it reads each
 * answer to its end and closes the socket at once; at {@code close} it closes them unread. Needs java.base only.
 */
final class LateAnswers {
    private static final byte[] ANSWER = new byte[83];

    private final List<Client> clients = new ArrayList<>();

    /** One socket, whose answer has come. */
    private interface Client {
        /** Reads up to the end of input, then closes; returns the number of bytes. */
        int readAndClose() throws Exception;

        void close() throws Exception;
    }

    private interface Read {
        /** Reads once. */
        int once() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        var late = new LateAnswers();
        try (var listener = ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0))) {
            late.channel(listener);
            late.socket(listener);
            late.asynchronous(listener);
            late.tls();
            System.out.println("ready " + late.clients.size());
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            for (String word = in.readLine(); word != null && !word.equals("end"); word = in.readLine()) {
                System.out.println(word + " " + (word.equals("read") ? late.readAll() : late.closeAll()));
            }
        }
    }

    private String readAll() throws Exception {
        var lengths = new StringJoiner(",");
        for (Client client : clients) {
            lengths.add(Integer.toString(client.readAndClose()));
        }
        return lengths.toString();
    }

    private int closeAll() throws Exception {
        for (Client client : clients) {
            client.close();
        }
        return clients.size();
    }

    private void add(AutoCloseable socket, Read read) {
        clients.add(new Client() {
            @Override
            public int readAndClose() throws Exception {
                int length = 0;
                for (int count = read.once(); count >= 0; count = read.once()) {
                    length += count;
                }
                close();
                return length;
            }

            @Override
            public void close() throws Exception {
                socket.close();
            }
        });
    }

    private static void answer(ServerSocketChannel listener) throws Exception {
        try (SocketChannel peer = listener.accept()) {
            peer.write(ByteBuffer.wrap(ANSWER));
        }
    }

    private void channel(ServerSocketChannel listener) throws Exception {
        var channel = SocketChannel.open(listener.getLocalAddress());
        channel.shutdownOutput();
        answer(listener);
        add(channel, () -> channel.read(ByteBuffer.allocate(100)));
    }

    private void socket(ServerSocketChannel listener) throws Exception {
        var socket = new Socket();
        socket.connect(listener.getLocalAddress());
        socket.shutdownOutput();
        answer(listener);
        InputStream in = socket.getInputStream();
        add(socket, () -> in.read(new byte[100]));
    }

    private void asynchronous(ServerSocketChannel listener) throws Exception {
        var channel = AsynchronousSocketChannel.open();
        channel.connect(listener.getLocalAddress()).get();
        channel.shutdownOutput();
        answer(listener);
        add(channel, () -> channel.read(ByteBuffer.allocate(100)).get());
    }

    private void tls() throws Exception {
        var context = Tls.context();
        try (var server = context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var socket = (SSLSocket)
                    context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.getLocalPort());
            var answering = new Thread(() -> {
                try (var peer = (SSLSocket) server.accept()) {
                    peer.startHandshake();
                    while (peer.getInputStream().read() >= 0) {
                        // up to the end of the request
                    }
                    peer.getOutputStream().write(ANSWER);
                } catch (Exception e) {
                    e.printStackTrace();
                }
            });
            answering.start();
            socket.startHandshake();
            socket.shutdownOutput();
            answering.join();
            InputStream in = socket.getInputStream();
            add(socket, () -> in.read(new byte[100]));
        }
    }
}
