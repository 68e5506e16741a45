package io.socketreaper.testapp.start;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketImpl;
import java.net.URI;
import java.net.URL;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts code of its own wherever the JDK lets an application put some: socket factories, a selector provider, a proxy selector, URL
 * handlers, a handler of uncaught exceptions. Says {@code CALLED} whenever that code runs on a thread of the agent's. Needs java.base
 * only.
 */
final class JdkExtensionPoints {
    private JdkExtensionPoints() {}

    /** Half-closes a socket of each kind that it can open and keeps them; ends with its standard input. */
    @SuppressWarnings("deprecation") // factories may still be set
    public static void main(String[] arguments) throws Exception {
        Constructor<?> platform = Class.forName("sun.nio.ch.NioSocketImpl").getConstructor(boolean.class);
        platform.setAccessible(true);
        Socket.setSocketImplFactory(() -> {
            called("the factory of sockets");
            return implementation(platform, false);
        });
        ServerSocket.setSocketFactory(() -> {
            called("the factory of server sockets");
            return implementation(platform, true);
        });
        URL.setURLStreamHandlerFactory(protocol -> {
            called("the factory of URL handlers");
            return null;
        });
        ProxySelector.setDefault(new Proxies());
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failed) -> called("the handler of uncaught exceptions, " + failed));

        var kept = new ArrayList<Object>();
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var peer = new Socket(server.getInetAddress(), server.getLocalPort());
            var socket = server.accept();
            socket.shutdownOutput();
            peer.getOutputStream().write(1);
            var channel = SocketChannel.open(listener.getLocalAddress());
            channel.shutdownOutput();
            listener.accept().socket().getOutputStream().write(1);
            kept.addAll(List.of(peer, socket, channel));
            System.out.println("OPEN");
            while (System.in.read() >= 0) {
                // until the test ends it
            }
        }
        System.out.println(kept.size());
    }

    private static SocketImpl implementation(Constructor<?> platform, boolean server) {
        try {
            return (SocketImpl) platform.newInstance(server);
        } catch (ReflectiveOperationException unknown) {
            throw new IllegalStateException(unknown);
        }
    }

    private static void called(String what) {
        if (Thread.currentThread().getName().startsWith("socket-reaper")) {
            System.out.println(
                    "CALLED " + what + " on " + Thread.currentThread().getName());
        }
    }

    private static final class Proxies extends ProxySelector {
        @Override
        public List<Proxy> select(URI uri) {
            called("the proxy selector");
            return List.of(Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failed) {
            called("the proxy selector");
        }
    }

    /** What {@code -Djava.nio.channels.spi.SelectorProvider} names. */
    public static final class Provider extends SelectorProvider {
        private final SelectorProvider own;

        /** Called by the JDK. */
        public Provider() throws ReflectiveOperationException {
            var get = Class.forName("sun.nio.ch.DefaultSelectorProvider").getMethod("get");
            get.setAccessible(true);
            own = (SelectorProvider) get.invoke(null);
        }

        @Override
        public DatagramChannel openDatagramChannel() throws IOException {
            called("the selector provider");
            return own.openDatagramChannel();
        }

        @Override
        public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
            called("the selector provider");
            return own.openDatagramChannel(family);
        }

        @Override
        public Pipe openPipe() throws IOException {
            called("the selector provider");
            return own.openPipe();
        }

        @Override
        public AbstractSelector openSelector() throws IOException {
            called("the selector provider");
            return own.openSelector();
        }

        @Override
        public ServerSocketChannel openServerSocketChannel() throws IOException {
            called("the selector provider");
            return own.openServerSocketChannel();
        }

        @Override
        public SocketChannel openSocketChannel() throws IOException {
            called("the selector provider");
            return own.openSocketChannel();
        }
    }
}
