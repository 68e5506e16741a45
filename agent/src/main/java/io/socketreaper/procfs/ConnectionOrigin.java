package io.socketreaper.procfs;

import io.socketreaper.model.TcpState;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** A sign that sockets of a listening port end that way, the strongest first. */
    private static final List<Set<TcpState>> SIGNS = List.of(
            EnumSet.of(TcpState.FIN_WAIT1, TcpState.FIN_WAIT2),
            EnumSet.of(TcpState.TIME_WAIT),
            EnumSet.of(TcpState.CLOSE_WAIT),
            EnumSet.of(TcpState.ESTABLISHED));

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

    private static ConnectionOrigin inferred(ProcessSnapshot look, Set<Integer> ports) {
        if (ports.size() == 1) {
            return new ConnectionOrigin(
                    Known.INFERRED,
                    0,
                    ports.iterator().next(),
                    null,
                    "it is the only port that this process listens on");
        }
        for (var states : SIGNS) {
            var counts = new HashMap<Integer, Integer>();
            look.tables().lines().values().stream()
                    .filter(line -> states.contains(line.state()))
                    .filter(line -> ports.contains(line.localPort()))
                    .forEach(line -> counts.merge(line.localPort(), 1, Integer::sum));
            if (states.contains(TcpState.TIME_WAIT)) {
                look.tables().timeWait().forEach((port, count) -> {
                    if (ports.contains(port)) {
                        counts.merge(port, count, Integer::sum);
                    }
                });
            }
            var most = counts.entrySet().stream().max(Map.Entry.comparingByValue());
            if (most.isPresent()) {
                return new ConnectionOrigin(
                        Known.INFERRED,
                        0,
                        most.get().getKey(),
                        null,
                        "of the ports it listens on, this has the " + "most connections in " + sign(states) + ": "
                                + most.get().getValue());
            }
        }
        return ports.isEmpty()
                ? outgoing(look)
                : new ConnectionOrigin(
                        Known.UNKNOWN,
                        0,
                        null,
                        null,
                        "it listens on "
                                + ports.stream()
                                        .sorted()
                                        .map(String::valueOf)
                                        .reduce((a, b) -> a + ", " + b)
                                        .get()
                                + " and none of them has a connection now");
    }

    private static String sign(Set<TcpState> states) {
        return states.contains(TcpState.FIN_WAIT2)
                ? "FIN_WAIT"
                : states.iterator().next().name();
    }

    private static ConnectionOrigin outgoing(ProcessSnapshot look) {
        var counts = new HashMap<String, Integer>();
        look.tables().lines().values().stream()
                .filter(SocketLine::tcp)
                .forEach(line -> counts.merge(line.remoteEnd().toString(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .map(most -> new ConnectionOrigin(
                        Known.INFERRED,
                        0,
                        null,
                        most.getKey(),
                        "this process listens on no port, and most of its other connections go there: "
                                + most.getValue()))
                .orElse(new ConnectionOrigin(
                        Known.UNKNOWN, 0, null, null, "this process listens on no port and has no other connection"));
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
