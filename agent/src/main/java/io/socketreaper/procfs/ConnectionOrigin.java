package io.socketreaper.procfs;

import io.socketreaper.model.TcpState;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where connections that are over came from.
 *
 * @param known   how that is known
 * @param of      of how many sockets it was observed
 * @param port    the listening port that accepted them; null if this process made them, or if that is not known
 * @param remote  whom this process had connected to, else null
 * @param because why it is taken for that, if it was not observed
 */
record ConnectionOrigin(
        Known known,
        int of,
        @Nullable Integer port,
        @Nullable String remote,
        @Nullable String because) {
    enum Known {
        /** The tables had them while this tool looked. */
        OBSERVED,
        INFERRED,
        UNKNOWN
    }

    /** A connection is in one of these states on its way to being finished and held, if this process has half-closed it. */
    private static final Set<TcpState> HALF_CLOSED = EnumSet.of(TcpState.FIN_WAIT1, TcpState.FIN_WAIT2);

    /** In place of a listening port: this process has made the connection. */
    private static final int MADE = -1;

    static @Nullable ConnectionOrigin of(RepeatedScan watching, Set<Long> sockets) {
        if (sockets.isEmpty()) {
            return null;
        }
        var ports = listeningPorts(watching.last());
        ports.addAll(listeningPorts(watching.first()));
        var counts = new HashMap<ConnectionOrigin, Integer>();
        int observed = 0;
        for (long socket : sockets) {
            var line = watching.lastLine(socket);
            if (line != null && !line.listens()) {
                observed++;
                boolean accepted = ports.contains(line.localPort());
                counts.merge(
                        new ConnectionOrigin(
                                Known.OBSERVED,
                                0,
                                accepted ? line.localPort() : null,
                                accepted ? null : line.remoteEnd().toString(),
                                null),
                        1,
                        Integer::sum);
            }
        }
        if (observed == 0) {
            return inferred(watching.last(), ports);
        }
        var most = counts.entrySet().stream().max(Map.Entry.comparingByValue()).get();
        return new ConnectionOrigin(
                Known.OBSERVED,
                most.getValue(),
                most.getKey().port(),
                most.getKey().remote(),
                null);
    }

    static Set<Integer> listeningPorts(ProcessSnapshot look) {
        var ports = new HashSet<Integer>();
        look.tables().lines().values().stream()
                .filter(SocketLine::listens)
                .forEach(line -> ports.add(line.localPort()));
        return ports;
    }

    /**
     * A guess, made only if the open connections leave one origin. Connections in other states than FIN_WAIT, such as CLOSE_WAIT, are no sign: they may
     * be a leak of their own.
     */
    private static ConnectionOrigin inferred(ProcessSnapshot look, Set<Integer> ports) {
        var halfClosed = new TreeMap<Integer, Integer>();
        var outgoing = new TreeMap<String, Integer>();
        look.tables().lines().values().stream()
                .filter(line -> line.tcp() && !line.listens())
                .forEach(line -> {
                    boolean made = !ports.contains(line.localPort());
                    if (made) {
                        outgoing.merge(line.remoteEnd().toString(), 1, Integer::sum);
                    }
                    if (HALF_CLOSED.contains(line.state())) {
                        halfClosed.merge(made ? MADE : line.localPort(), 1, Integer::sum);
                    }
                });
        if (halfClosed.size() == 1 && halfClosed.firstKey() != MADE) {
            var port = halfClosed.firstEntry();
            return inferredPort(
                    port.getKey(),
                    "only on this port are connections that this process has half-closed (FIN_WAIT): "
                            + port.getValue());
        }
        if (ports.size() == 1 && outgoing.isEmpty()) {
            return inferredPort(
                    ports.iterator().next(),
                    "it is the only port that this process listens on, and no connection that it has made is open");
        }
        if (ports.isEmpty() && outgoing.size() == 1) {
            var remote = outgoing.firstEntry();
            return new ConnectionOrigin(
                    Known.INFERRED,
                    0,
                    null,
                    remote.getKey(),
                    "this process listens on no port, and all its other connections go there: " + remote.getValue());
        }
        return new ConnectionOrigin(Known.UNKNOWN, 0, null, null, candidates(ports, outgoing));
    }

    private static ConnectionOrigin inferredPort(int port, String because) {
        return new ConnectionOrigin(Known.INFERRED, 0, port, null, because);
    }

    private static String candidates(Set<Integer> ports, Map<String, Integer> outgoing) {
        String listens = ports.isEmpty()
                ? "this process listens on no port"
                : "this process listens on "
                        + ports.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "));
        if (outgoing.isEmpty()) {
            return listens
                    + (ports.isEmpty()
                            ? " and has no other connection"
                            : ", and no connection tells one from the other");
        }
        return listens + " and has made connections to "
                + outgoing.keySet().iterator().next()
                + (outgoing.size() == 1 ? "" : " and " + (outgoing.size() - 1) + " more");
    }

    /** Continues "412 sockets are over but held; ". */
    String sentence(int sockets, boolean watched) {
        if (known == Known.UNKNOWN) {
            return "where they came from is not known: " + because
                    + (watched ? "" : " (--watch 1m would show it of those that end meanwhile)");
        }
        String what = port != null ? "connections to port " + port : "connections this process had made to " + remote;
        if (known == Known.INFERRED) {
            return "most likely they were " + what + " (inferred: " + because + ")";
        }
        return of == sockets
                ? "they were " + what
                : of + " of them were seen to be " + what
                        + (of < sockets ? ", the others had ended before or differ" : "");
    }
}
