package io.socketreaper.model;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The two ends of a connection, from what the JDK cached when it was made: the kernel forgets the peer once both FINs are
 * exchanged.
 *
 * @param local  may be null when the JDK does not know it
 * @param remote may be null when the JDK does not know it
 */
public record Endpoints(
        @Nullable SocketAddress local, @Nullable SocketAddress remote) {
    /** The local address, 4 or 16 bytes; null when unknown. */
    public byte @Nullable [] localBytes() {
        return bytes(local);
    }

    /** The remote address, 4 or 16 bytes; null when unknown. */
    public byte @Nullable [] remoteBytes() {
        return bytes(remote);
    }

    /** The local port, -1 when unknown. */
    public int localPort() {
        return port(local);
    }

    /** The remote port, -1 when unknown. */
    public int remotePort() {
        return port(remote);
    }

    /** Whether they are the ends of a unix-domain connection; false when neither is known. */
    public boolean isUnix() {
        return local instanceof UnixDomainSocketAddress || remote instanceof UnixDomainSocketAddress;
    }

    private static byte @Nullable [] bytes(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getAddress()
                : null;
    }

    private static int port(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    @Override
    public String toString() {
        return "local " + text(local) + ", peer " + text(remote);
    }

    /** Address literal and port, never a name, which could cost a look-up; of a unix-domain socket its path. */
    public static String text(@Nullable SocketAddress address) {
        if (address == null) {
            return "unknown";
        }
        if (!(address instanceof InetSocketAddress inet)) {
            String path = address.toString();
            return path.isEmpty() ? "unix (unnamed)" : "unix " + path;
        }
        if (inet.getAddress() == null) {
            return "unknown";
        }
        String literal = inet.getAddress().getHostAddress();
        return (literal.indexOf(':') >= 0 ? "[" + literal + "]" : literal) + ":" + inet.getPort();
    }
}
