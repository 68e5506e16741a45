package io.socketreaper.testapp.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A TCP port for a program that has to be told one. It lies below the range from which the kernel takes ports for outgoing
 * connections (net.ipv4.ip_local_port_range, 32768 and up by default), so that none of the thousands of connections of
 * tests beside it can take it between this check and the program's bind.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int AFTER_LAST = 32_768;
    private static final int MOST_TRIED = 1_000;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /** Free on 127.0.0.1 and, where there is IPv6, on ::1; given once only. */
    public static int next() throws IOException {
        IOException last = null;
        for (int i = 0; i < MOST_TRIED; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, AFTER_LAST);
            try {
                tryToBind("127.0.0.1", port);
                if (hasIpv6()) {
                    tryToBind("::1", port);
                }
            } catch (IOException taken) {
                last = taken;
                continue;
            }
            if (GIVEN.add(port)) {
                return port;
            }
        }
        throw new IOException("no port between " + FIRST + " and " + AFTER_LAST + " is free", last);
    }

    private static boolean hasIpv6() {
        try {
            tryToBind("::1", 0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void tryToBind(String address, int port) throws IOException {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(false);
            socket.bind(new InetSocketAddress(InetAddress.getByName(address), port), 1);
        }
    }
}
