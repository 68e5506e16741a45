package io.socketreaper.procfs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Address and port, e.g. {@code 10.0.0.1:8080}, {@code [::1]:53} or {@code *:80}.
 *
 * @param host the address; {@code *} for the one that means any
 */
public record Endpoint(String host, int port) {
    private static final int HEXADECIMAL = 16;
    private static final int WORD = 4;
    private static final String ANY = "*";

    /** From a table of the kernel: 32-bit words in this machine's byte order, then the port, e.g. {@code 0100007F:1F90}. */
    static Endpoint of(String hexadecimal) {
        int colon = hexadecimal.indexOf(':');
        byte[] words = HexFormat.of().parseHex(hexadecimal, 0, colon);
        byte[] bytes = new byte[words.length];
        boolean reversed = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[reversed ? i - i % WORD + WORD - 1 - i % WORD : i];
        }
        return new Endpoint(host(bytes), Integer.parseInt(hexadecimal, colon + 1, hexadecimal.length(), HEXADECIMAL));
    }

    private static String host(byte[] bytes) {
        try {
            var address = InetAddress.getByAddress(bytes);
            return address.isAnyLocalAddress() ? ANY : address.getHostAddress().replaceFirst("(^|:)(0(:|$)){2,}", "::");
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
    }
}
