package io.socketreaper.testapp.start;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;

/**
 * Runs in a child JVM: configures parts of the JDK in {@code main}, which has an effect only if they have not been initialised
 * before, and prints what came of it. Ends with a line on its standard input. Needs java.base and java.logging.
 */
final class ConfiguresJdkInMain {
    private ConfiguresJdkInMain() {}

    /**
     * Does one of: {@code nothing} and says so, and ends by itself; {@code ipv4}: prints the class of the address that a
     * listener gets after {@code main} has asked for IPv4; {@code any}: prints it without asking; {@code provider}: prints the
     * provider of channels that {@code main} has asked for; {@code logging}: prints the log manager that it has asked for.
     */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "ipv4" -> {
                System.setProperty("java.net.preferIPv4Stack", "true");
                System.out.println("ipv4 " + listener());
            }
            case "any" -> System.out.println("any " + listener());
            case "provider" -> {
                System.setProperty("java.nio.channels.spi.SelectorProvider", Provider.class.getName());
                System.out.println(
                        "provider " + SelectorProvider.provider().getClass().getName());
            }
            case "logging" -> {
                System.setProperty("java.util.logging.manager", Manager.class.getName());
                System.out.println(
                        "logging " + LogManager.getLogManager().getClass().getName());
            }
            default -> {
                System.out.println("nothing");
                // Long enough for the agent's own thread to do what it should not.
                LockSupport.parkNanos(500_000_000);
                return;
            }
        }
        while (System.in.read() != '\n') {
            // up to the end of the line
        }
    }

    private static String listener() throws Exception {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(0));
                var client = SocketChannel.open()) {
            client.connect(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), server.socket().getLocalPort()));
            server.accept().close();
            return ((InetSocketAddress) server.getLocalAddress())
                    .getAddress()
                    .getClass()
                    .getSimpleName();
        }
    }

    /** A log manager of the application's. */
    public static final class Manager extends LogManager {}

    /** A provider of channels of the application's, which opens none. */
    public static final class Provider extends SelectorProvider {
        @Override
        public DatagramChannel openDatagramChannel() throws IOException {
            throw new IOException("not opened");
        }

        @Override
        public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
            throw new IOException("not opened");
        }

        @Override
        public Pipe openPipe() throws IOException {
            throw new IOException("not opened");
        }

        @Override
        public AbstractSelector openSelector() throws IOException {
            throw new IOException("not opened");
        }

        @Override
        public ServerSocketChannel openServerSocketChannel() throws IOException {
            throw new IOException("not opened");
        }

        @Override
        public SocketChannel openSocketChannel() throws IOException {
            throw new IOException("not opened");
        }
    }
}
