package io.socketreaper.stack;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** An address for the agent's own tests that needs no look-up. */
public final class Loopback {
    private Loopback() {}

    public static InetSocketAddress anyPort() throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1}), 0);
    }
}
