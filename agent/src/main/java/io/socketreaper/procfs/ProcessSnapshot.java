package io.socketreaper.procfs;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.TcpState;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * One look at a process: its descriptors first, the tables after them, so a socket that was closed in between seems to be in
 * no table. One look alone is no evidence; see {@link RepeatedScan}.
 */
record ProcessSnapshot(long nanoTime, Map<Integer, String> descriptors, OptionalLong limit, SocketTables tables) {
    /** Kinds of what a descriptor refers to, beside TCP states and families of sockets. */
    static final String IN_NO_TABLE = "in no table";

    static final String PIPE = "pipe";
    static final String FILE = "file";
    static final String DEVICE = "device";

    static ProcessSnapshot at(ProcProcess process, long nanoTime) throws IOException {
        var descriptors = process.descriptors();
        return new ProcessSnapshot(
                nanoTime, descriptors, process.limit(), SocketTables.of(process, inodes(descriptors)));
    }

    private static Set<Long> inodes(Map<Integer, String> descriptors) {
        return descriptors.values().stream()
                .map(Descriptors::inode)
                .filter(inode -> inode != 0)
                .collect(Collectors.toSet());
    }

    Set<Long> inodes() {
        return inodes(descriptors);
    }

    /** Sockets that no table knows; none while a table cannot be read. */
    Set<Long> inNoTable() {
        if (!tables.unreadable().isEmpty()) {
            return Set.of();
        }
        var found = inodes();
        found.removeAll(tables.lines().keySet());
        return found;
    }

    Set<Long> in(TcpState state) {
        var found = new HashSet<Long>();
        tables.lines().forEach((inode, line) -> {
            if (line.state() == state) {
                found.add(inode);
            }
        });
        return found;
    }

    /** How many descriptors refer to one of these sockets: a socket may have several. */
    int descriptorsOf(Set<Long> inodes) {
        return (int) descriptors.values().stream()
                .filter(link -> inodes.contains(Descriptors.inode(link)))
                .count();
    }

    /** How many descriptors of each kind, for kinds that fit. */
    Map<String, Integer> kinds(Predicate<String> which) {
        var kinds = new TreeMap<String, Integer>();
        for (String link : descriptors.values()) {
            String kind = kind(link);
            if (which.test(kind)) {
                kinds.merge(kind, 1, Integer::sum);
            }
        }
        return kinds;
    }

    private String kind(String link) {
        long inode = Descriptors.inode(link);
        if (inode != 0) {
            var line = tables.lines().get(inode);
            return line == null ? IN_NO_TABLE : line.tcp() ? "TCP " + line.state() : line.family();
        }
        if (link.startsWith("/")) {
            return link.startsWith("/dev/") ? DEVICE : link.startsWith("/memfd:") ? "memfd" : FILE;
        }
        if (link.startsWith("anon_inode:")) {
            return link.substring("anon_inode:".length()).replaceAll("[\\[\\]]", "");
        }
        int colon = link.indexOf(':');
        return colon < 0 ? "other" : link.substring(0, colon);
    }
}
