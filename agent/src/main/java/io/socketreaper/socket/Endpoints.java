package io.socketreaper.socket;

import java.net.InetSocketAddress;

/**
 * The two ends of a connection, from what the JDK cached when it was made: the kernel forgets the peer once both FINs are
 * exchanged.
 *
 * @param local  may be null when the JDK does not know it
 * @param remote may be null when the JDK does not know it
 */
public record Endpoints(InetSocketAddress local, InetSocketAddress remote) {
    /** The local address, 4 or 16 bytes; null when unknown. */
    public byte[] localBytes() {
        return bytes(local);
    }

    /** The remote address, 4 or 16 bytes; null when unknown. */
    public byte[] remoteBytes() {
        return bytes(remote);
    }

    /** The local port, -1 when unknown. */
    public int localPort() {
        return local == null ? -1 : local.getPort();
    }

    /** The remote port, -1 when unknown. */
    public int remotePort() {
        return remote == null ? -1 : remote.getPort();
    }

    private static byte[] bytes(InetSocketAddress address) {
        return address == null || address.getAddress() == null ? null : address.getAddress().getAddress();
    }

    @Override
    public String toString() {
        return "local " + text(local) + ", peer " + text(remote);
    }

    /** Address literal and port; never a name, which could cost a look-up. */
    public static String text(InetSocketAddress address) {
        if (address == null || address.getAddress() == null) {
            return "unknown";
        }
        String literal = address.getAddress().getHostAddress();
        return (literal.indexOf(':') >= 0 ? "[" + literal + "]" : literal) + ":" + address.getPort();
    }
}
