package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Application.Word;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sockets, files and pipes that are in use all the time and never leak. They are reopened repeatedly, so that they get the numbers
 * of descriptors that the agent has just closed.
 */
final class Canaries implements Closeable {
    private static final int BYTES = 1024;
    private static final int ROUNDS = 40;
    private static final int REST_MILLIS = 10;

    private final AtomicLong echoes = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean ended;

    private interface Canary extends Closeable {
        /** Sends these bytes and gets them back. */
        void echo(byte[] bytes, byte[] back) throws IOException;
    }

    private interface Nest {
        Canary open() throws IOException;
    }

    Canaries(int port) {
        var echo = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < 2; i++) {
            fly("canary channel", () -> lineCanary(new ChannelTestSocket(SocketChannel.open(echo))));
            fly("canary socket", () -> {
                var socket = new Socket(echo.getAddress(), echo.getPort());
                return lineCanary(StreamTestSocket.plain(socket, socket));
            });
            fly("canary file", Canaries::fileCanary);
            fly("canary pipe", Canaries::pipeCanary);
        }
    }

    private void fly(String name, Nest nest) {
        var thread = new Thread(
                () -> {
                    var pattern = new Pattern(System.identityHashCode(Thread.currentThread()));
                    long position = 0;
                    try {
                        while (!ended) {
                            try (var canary = nest.open()) {
                                for (int i = 0; i < ROUNDS && !ended; i++) {
                                    var bytes = new byte[BYTES];
                                    var back = new byte[BYTES];
                                    pattern.fill(position, bytes, 0, BYTES);
                                    canary.echo(bytes, back);
                                    if (!Arrays.equals(bytes, back)) {
                                        throw new IOException("other bytes came back");
                                    }
                                    position += BYTES;
                                    echoes.incrementAndGet();
                                    Thread.sleep(REST_MILLIS);
                                }
                            }
                        }
                    } catch (IOException | RuntimeException e) {
                        Application.say(Word.TROUBLE, name + " after " + position + " bytes: " + e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private static Canary lineCanary(TestSocket line) {
        return new Canary() {
            @Override
            public void echo(byte[] bytes, byte[] back) throws IOException {
                line.write(bytes, BYTES);
                var piece = new byte[BYTES];
                for (int got = 0; got < BYTES; ) {
                    int count = line.read(piece, BYTES - got);
                    if (count < 0) {
                        throw new IOException("it ended");
                    }
                    System.arraycopy(piece, 0, back, got, count);
                    got += count;
                }
            }

            @Override
            public void close() throws IOException {
                line.close();
            }
        };
    }

    private static Canary fileCanary() throws IOException {
        var file = FileChannel.open(
                Files.createTempFile("canary", ".bytes"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        return new Canary() {
            @Override
            public void echo(byte[] bytes, byte[] back) throws IOException {
                file.write(ByteBuffer.wrap(bytes), 0);
                file.read(ByteBuffer.wrap(back), 0);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    private static Canary pipeCanary() throws IOException {
        var pipe = Pipe.open();
        return new Canary() {
            @Override
            public void echo(byte[] bytes, byte[] back) throws IOException {
                pipe.sink().write(ByteBuffer.wrap(bytes));
                pipe.source().read(ByteBuffer.wrap(back));
            }

            @Override
            public void close() throws IOException {
                try (var sink = pipe.sink();
                        var source = pipe.source()) {
                    // Both ends.
                }
            }
        };
    }

    long echoes() {
        return echoes.get();
    }

    /** Lets each come to the end of its round. */
    @Override
    public void close() {
        ended = true;
        try {
            for (var thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
