package io.socketreaper.descriptor;

import io.socketreaper.model.Clock;
import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The peers of the TCP sockets of this network namespace that are in state SYN_SENT, by inode: getpeername(2) does not tell them
 * before the connection is made, {@code /proc/self/net/tcp} and {@code tcp6} do; see proc(5). Reaper thread only.
 */
final class ConnectingPeers {
    private static final String[] FILES = {"/proc/self/net/tcp", "/proc/self/net/tcp6"};
    /** A pass takes some microseconds for each socket of the namespace, so one must serve many. */
    private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(500);
    /** So many are kept at most. */
    private static final int MOST = 1 << 12;
    // Columns of a line, and the state.
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String SYN_SENT = "02";
    private static final boolean REVERSED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final Clock clock;
    private final Map<Long, InetSocketAddress> peers = new HashMap<>();
    private boolean everRead;
    private long readAt;

    ConnectingPeers(Clock clock) {
        this.clock = clock;
    }

    /** The peer that the socket is being connected to; null if that could not be found out just now. */
    @Nullable
    InetSocketAddress of(long inode) {
        InetSocketAddress known = peers.get(inode);
        if (known == null && (!everRead || clock.nanoTime() - readAt >= AGAIN)) {
            read();
            known = peers.get(inode);
        }
        return known;
    }

    private void read() {
        everRead = true;
        readAt = clock.nanoTime();
        peers.clear();
        for (String file : FILES) {
            try (var lines = new BufferedReader(new FileReader(file, StandardCharsets.US_ASCII))) {
                for (String line = lines.readLine(); line != null && peers.size() < MOST; line = lines.readLine()) {
                    add(line.trim().split(" +"));
                }
            } catch (IOException | RuntimeException notTold) {
                // out of descriptors, or no IPv6: the peers stay unknown
            }
        }
    }

    private void add(String[] words) throws IOException {
        if (words.length > INODE && words[STATE].equals(SYN_SENT)) {
            peers.put(Long.parseLong(words[INODE]), address(words[REMOTE]));
        }
    }

    /** Words of four bytes in the machine's own order, then the port. */
    static InetSocketAddress address(String word) throws IOException {
        int colon = word.indexOf(':');
        var bytes = new byte[colon / 2];
        for (int i = 0; i < bytes.length; i++) {
            int at = REVERSED ? (i & ~3) + 3 - (i & 3) : i;
            bytes[i] = (byte) Integer.parseInt(word.substring(2 * at, 2 * at + 2), 16);
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), Integer.parseInt(word.substring(colon + 1), 16));
    }
}
