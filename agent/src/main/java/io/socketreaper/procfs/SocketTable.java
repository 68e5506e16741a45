package io.socketreaper.procfs;

import java.util.List;

/**
 * A table below {@code /proc/PID/net}.
 *
 * @param inodeColumn where a socket's inode is, among what blanks separate
 */
record SocketTable(String file, String family, int inodeColumn) {
    private static final int INET_INODE = 9;

    /** Those that name inodes. Families without one (vsock, alg, xdp, tipc) look like a socket that is over. */
    static final List<SocketTable> ALL = List.of(
            new SocketTable("tcp", "TCP", INET_INODE),
            new SocketTable("tcp6", "TCP", INET_INODE),
            new SocketTable("udp", "UDP", INET_INODE),
            new SocketTable("udp6", "UDP", INET_INODE),
            new SocketTable("udplite", "UDP-Lite", INET_INODE),
            new SocketTable("udplite6", "UDP-Lite", INET_INODE),
            new SocketTable("raw", "raw", INET_INODE),
            new SocketTable("raw6", "raw", INET_INODE),
            new SocketTable("icmp", "ping", INET_INODE),
            new SocketTable("icmp6", "ping", INET_INODE),
            new SocketTable("unix", "unix", 6),
            new SocketTable("netlink", "netlink", 9),
            new SocketTable("packet", "packet", 8),
            new SocketTable("pfkey", "key", 5),
            new SocketTable("sctp/eps", "SCTP", 7),
            new SocketTable("sctp/assocs", "SCTP", 10),
            new SocketTable("hci", "Bluetooth", 5),
            new SocketTable("l2cap", "Bluetooth", 5),
            new SocketTable("rfcomm", "Bluetooth", 5),
            new SocketTable("sco", "Bluetooth", 5),
            new SocketTable("iso", "Bluetooth", 5));

    boolean tcp() {
        return family.equals("TCP");
    }

    boolean hasPorts() {
        return inodeColumn == INET_INODE && !family.equals("netlink");
    }
}
