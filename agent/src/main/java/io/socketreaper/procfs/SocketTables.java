package io.socketreaper.procfs;

import io.socketreaper.model.TcpState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;

/**
 * The socket tables of a process's network namespace, read line by line: there may be hundreds of thousands.
 *
 * @param lines      of the sockets asked for, by inode
 * @param timeWait   connections by local port that are over and no longer belong to a process
 * @param unreadable tables that are there and could not be read
 */
record SocketTables(Map<Long, SocketLine> lines, Map<Integer, Integer> timeWait, List<String> unreadable) {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int QUEUES = 4;
    private static final int HEXADECIMAL = 16;
    private static final int BUFFER = 1 << 16;

    static SocketTables of(ProcProcess process, Set<Long> inodes) throws IOException {
        var tables = new SocketTables(new HashMap<>(), new HashMap<>(), new ArrayList<>());
        for (var table : SocketTable.ALL) {
            // The verdict needs the TCP tables, so they are read even if no inode is asked for.
            if (!inodes.isEmpty() || table.tcp()) {
                tables.read(process, table, inodes);
            }
        }
        if (!tables.unreadable.isEmpty()) {
            process.requireAlive();
        }
        return tables;
    }

    private void read(ProcProcess process, SocketTable table, Set<Long> inodes) {
        var file = process.file("net").resolve(table.file());
        // Paths of unix sockets may be in any encoding.
        try (var in = new BufferedReader(
                new InputStreamReader(Files.newInputStream(file), StandardCharsets.ISO_8859_1), BUFFER)) {
            String[] columns = new String[table.inodeColumn() + 1];
            in.readLine();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                line(table, line, columns, inodes);
            }
        } catch (NoSuchFileException noSuchProtocol) {
            // e.g. IPv6 is switched off; IPv4 cannot be
            if (file.endsWith("tcp")) {
                unreadable.add(table.file());
            }
        } catch (IOException e) {
            unreadable.add(table.file());
        }
    }

    private void line(SocketTable table, String line, String[] columns, Set<Long> inodes) {
        var tokens = new StringTokenizer(line);
        for (int i = 0; i < columns.length; i++) {
            if (!tokens.hasMoreTokens()) {
                return;
            }
            columns[i] = tokens.nextToken();
        }
        try {
            long inode = Long.parseLong(columns[table.inodeColumn()]);
            if (inodes.contains(inode)) {
                lines.put(
                        inode,
                        table.hasPorts()
                                ? withPorts(table, columns)
                                : new SocketLine(table.family(), null, null, null, 0));
            } else if (inode == 0 && table.tcp() && state(columns) == TcpState.TIME_WAIT) {
                timeWait.merge(Endpoint.of(columns[LOCAL]).port(), 1, Integer::sum);
            }
        } catch (RuntimeException unlikeAnyKernelWeKnow) {
            // one line less
        }
    }

    private static SocketLine withPorts(SocketTable table, String[] columns) {
        String queues = columns[QUEUES];
        return new SocketLine(
                table.family(),
                table.tcp() ? state(columns) : null,
                Endpoint.of(columns[LOCAL]),
                Endpoint.of(columns[REMOTE]),
                Long.parseLong(queues, queues.indexOf(':') + 1, queues.length(), HEXADECIMAL));
    }

    private static TcpState state(String[] columns) {
        return TcpState.of(Integer.parseInt(columns[STATE], HEXADECIMAL));
    }
}
