package io.socketreaper.testapp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;

/** Runs in a child JVM: a program that wants to be the first to touch what it touches. */
final class Guest {
    private Guest() {}

    /**
     * Does one of: {@code nothing} and says so; {@code ipv4}: prints the address that a listener gets after
     * {@code main} has asked for IPv4; {@code any}: prints it without asking; {@code logging}: prints the log manager that
     * {@code main} has asked for.
     */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "ipv4" -> {
                System.setProperty("java.net.preferIPv4Stack", "true");
                System.out.println("ipv4 " + listener());
            }
            case "any" -> System.out.println("any " + listener());
            case "logging" -> {
                System.setProperty("java.util.logging.manager", Manager.class.getName());
                System.out.println(
                        "logging " + LogManager.getLogManager().getClass().getName());
            }
            default -> System.out.println("nothing");
        }
        // Long enough for the agent's own thread to do what it should not.
        LockSupport.parkNanos(500_000_000);
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

    /** An application's own. */
    public static final class Manager extends LogManager {}
}
