package io.socketreaper.heap;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Holds sockets in every way that {@link HeapDumpTest} asks for, writes a dump of itself to its argument, and ends. */
final class HoldingProgram {
    static final int PARKED = 40;

    private static final Map<Integer, Socket> parked = new HashMap<>();
    private static final LinkedList<SocketChannel> chain = new LinkedList<>();
    private static final List<Object> others = new ArrayList<>();
    private static WeakReference<SocketChannel> weak;
    private static Node nodes;

    /** Objects of one class in a row. */
    private record Node(Node next, SocketChannel channel) {}

    private HoldingProgram() {}

    public static void main(String[] arguments) throws Exception {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var server = new ServerSocket(0, PARKED, loopback.getAddress());
        others.add(server);
        for (int i = 0; i < PARKED; i++) {
            var client = new Socket(server.getInetAddress(), server.getLocalPort());
            parked.put(i, server.accept());
            client.close();
        }
        for (int i = 0; i < 3; i++) {
            chain.add(SocketChannel.open(server.getLocalSocketAddress()));
            nodes = new Node(nodes, SocketChannel.open(server.getLocalSocketAddress()));
        }
        others.add(DatagramChannel.open().bind(loopback));
        others.add(AsynchronousServerSocketChannel.open().bind(loopback));
        others.add(Pipe.open());
        var closedPipe = Pipe.open();
        closedPipe.source().close();
        closedPipe.sink().close();
        others.add(closedPipe);
        var async = AsynchronousSocketChannel.open();
        async.connect(server.getLocalSocketAddress()).get();
        others.add(async);
        weak = new WeakReference<>(SocketChannel.open(server.getLocalSocketAddress()));
        others.add(selectorWithAChannel(server));
        var closed = SocketChannel.open(server.getLocalSocketAddress());
        closed.close();
        others.add(closed);
        var waiting = new CountDownLatch(1);
        var thread = new Thread(() -> holdInALocalVariable(server, waiting), "worker-7");
        thread.setDaemon(true);
        thread.start();
        waiting.await();
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(arguments[0], false);
    }

    /** Nothing but the selector refers to the channel. */
    private static Selector selectorWithAChannel(ServerSocket server) throws IOException {
        var selector = Selector.open();
        var channel = SocketChannel.open(server.getLocalSocketAddress());
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        selector.selectNow();
        return selector;
    }

    private static void holdInALocalVariable(ServerSocket server, CountDownLatch waiting) {
        try (var local = new Socket(server.getInetAddress(), server.getLocalPort())) {
            waiting.countDown();
            local.getInputStream().read();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
