package io.socketreaper.procfs;

import io.socketreaper.model.TcpState;
import io.socketreaper.text.HumanText;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a scan found, as {@code scan --json} prints it. What is null is not known or does not apply.
 *
 * @param ended   the process ended during the scan
 * @param seconds between the first look and the last
 */
public record ScanReport(
        long pid,
        String name,
        List<String> arguments,
        @Nullable String user,
        boolean ended,
        double seconds,
        int looks,
        Descriptors descriptors,
        Sockets sockets,
        Finished finished,
        CloseWait closeWait,
        Unread unread,
        Map<String, Integer> others,
        List<Listening> listening,
        List<Peer> peers,
        List<String> unreadableTables,
        ScanVerdict verdict) {
    private static final int MOST_PEERS = 10;
    private static final double ROUNDING = 1000;

    /**
     * @param grown          since the first look; null, as what follows, if the process was not watched
     * @param secondsToLimit at the rate that was seen
     */
    public record Descriptors(
            int open,
            @Nullable Long limit,
            @Nullable Integer percent,
            @Nullable Integer grown,
            @Nullable Double perSecond,
            @Nullable Long secondsToLimit) {
        /** E.g. "412 of 1024 descriptors". */
        String share(int count) {
            return limit == null
                    ? HumanText.count(count, "descriptor", "descriptors")
                    : count + " of " + limit + " descriptors";
        }

        /** For the head of the census. */
        public String outlook() {
            return (perSecond == null ? "" : "  " + HumanText.rate(perSecond))
                    + (secondsToLimit == null
                            ? ""
                            : ", the limit is reached in " + HumanText.longDuration(secondsToLimit));
        }
    }

    /** Descriptors of sockets: by TCP state, by other family, and those that no table knows. */
    public record Sockets(int total, Map<String, Integer> tcp, Map<String, Integer> others, int inNoTable) {}

    /**
     * Sockets that two looks in a row found in no table: finished, or never connected or bound.
     *
     * @param from      {@code observed}, {@code inferred} or {@code unknown}; null if there are none
     * @param observed  how many were seen to be of that port or peer while they lived
     * @param perSecond null if the process was not watched
     */
    public record Finished(
            int count,
            @Nullable String from,
            @Nullable Integer port,
            @Nullable String remote,
            @Nullable String because,
            int observed,
            @Nullable Double perSecond) {
        public String rate() {
            return perSecond == null ? "" : "  " + HumanText.rate(perSecond);
        }
    }

    /**
     * Connections that the peer had ended at two looks in a row.
     *
     * @param endRead how many of them the process has read to the end without closing
     */
    public record CloseWait(
            int count,
            int endRead,
            @Nullable Integer port,
            @Nullable String remote,
            @Nullable Double perSecond) {
        public String rate() {
            return perSecond == null ? "" : "  " + HumanText.rate(perSecond);
        }
    }

    /** Received and not read, of connections that are in a table; of the finished ones the kernel does not tell. */
    public record Unread(long bytes, int connections) {}

    /** @param backlog connections that wait to be accepted */
    public record Listening(String address, long backlog) {}

    /** @param finished those that ended while they were watched, and are held */
    public record Peer(String address, int connections, int closeWait, int finished) {}

    public static ScanReport of(RepeatedScan watching) {
        var last = watching.last();
        var descriptors = descriptors(watching);
        var finished = ConnectionOrigin.of(watching, watching.finished());
        var closeWait = ConnectionOrigin.of(watching, watching.closeWait());
        return new ScanReport(
                watching.pid(),
                watching.name(),
                watching.arguments(),
                watching.user(),
                watching.ended(),
                rounded(watching.seconds()),
                watching.looks(),
                descriptors,
                sockets(last),
                finished(watching, finished),
                closeWait(watching, closeWait),
                unread(last),
                last.kinds(kind -> !isSocket(kind)),
                listening(last),
                peers(watching),
                last.tables().unreadable(),
                ScanVerdict.of(watching, descriptors, finished, closeWait));
    }

    private static Descriptors descriptors(RepeatedScan watching) {
        int open = watching.last().descriptors().size();
        var limit = watching.last().limit();
        Long known = limit.isPresent() ? limit.getAsLong() : null;
        Integer percent = known == null || known == 0 ? null : (int) HumanText.percent(open, known);
        if (!watching.showsGrowth()) {
            return new Descriptors(open, known, percent, null, null, null);
        }
        int grown = open - watching.first().descriptors().size();
        double perSecond = grown / watching.seconds();
        Long left = known == null || grown < 2 ? null : (long) (Math.max(0, known - open) / perSecond);
        return new Descriptors(open, known, percent, grown, rounded(perSecond), left);
    }

    private static Sockets sockets(ProcessSnapshot look) {
        var all = look.kinds(ScanReport::isSocket);
        var tcp = new TreeMap<String, Integer>();
        var others = new TreeMap<String, Integer>();
        all.forEach((kind, count) -> {
            if (kind.startsWith("TCP ")) {
                tcp.put(kind.substring("TCP ".length()), count);
            } else if (!kind.equals(ProcessSnapshot.IN_NO_TABLE)) {
                others.put(kind, count);
            }
        });
        return new Sockets(
                all.values().stream().mapToInt(Integer::intValue).sum(),
                tcp,
                others,
                all.getOrDefault(ProcessSnapshot.IN_NO_TABLE, 0));
    }

    private static boolean isSocket(String kind) {
        return kind.equals(ProcessSnapshot.IN_NO_TABLE)
                || kind.startsWith("TCP ")
                || SocketTable.ALL.stream().anyMatch(table -> table.family().equals(kind));
    }

    private static Finished finished(RepeatedScan watching, @Nullable ConnectionOrigin origin) {
        Double perSecond = watching.showsGrowth() ? rounded(watching.perSecond(watching.finishedGrowth())) : null;
        int count = watching.last().descriptorsOf(watching.finished());
        return origin == null
                ? new Finished(count, null, null, null, null, 0, perSecond)
                : new Finished(
                        count,
                        origin.known().name().toLowerCase(Locale.ROOT),
                        origin.port(),
                        origin.remote(),
                        origin.because(),
                        origin.of(),
                        perSecond);
    }

    private static CloseWait closeWait(RepeatedScan watching, @Nullable ConnectionOrigin origin) {
        var lines = watching.closeWait().stream().map(watching::lastLine).toList();
        return new CloseWait(
                lines.size(),
                (int) lines.stream().filter(line -> !line.endUnread()).count(),
                origin == null ? null : origin.port(),
                origin == null ? null : origin.remote(),
                watching.showsGrowth() ? rounded(watching.perSecond(watching.closeWaitGrowth())) : null);
    }

    private static Unread unread(ProcessSnapshot look) {
        var bytes = look.tables().lines().values().stream()
                .mapToLong(SocketLine::unread)
                .filter(count -> count > 0)
                .summaryStatistics();
        return new Unread(bytes.getSum(), (int) bytes.getCount());
    }

    private static List<Listening> listening(ProcessSnapshot look) {
        return look.tables().lines().values().stream()
                .filter(SocketLine::listens)
                .sorted(Comparator.comparing(line -> line.localPort()))
                .map(line -> new Listening(line.localEnd().toString(), line.queued()))
                .toList();
    }

    private static List<Peer> peers(RepeatedScan watching) {
        var ports = ConnectionOrigin.listeningPorts(watching.last());
        var peers = new HashMap<String, Peer>();
        for (long inode : watching.last().inodes()) {
            var line = watching.lastLine(inode);
            if (line != null && !line.listens()) {
                // Only a server's port tells the service, a client's does not.
                String address = ports.contains(line.localPort())
                        ? line.remoteEnd().host()
                        : line.remoteEnd().toString();
                boolean finished = watching.finished().contains(inode);
                boolean known = watching.last().tables().lines().containsKey(inode);
                peers.merge(
                        address,
                        new Peer(
                                address,
                                known ? 1 : 0,
                                line.state() == TcpState.CLOSE_WAIT && known ? 1 : 0,
                                finished ? 1 : 0),
                        (a, b) -> new Peer(
                                address,
                                a.connections + b.connections,
                                a.closeWait + b.closeWait,
                                a.finished + b.finished));
            }
        }
        return peers.values().stream()
                .sorted(Comparator.comparing((Peer peer) -> -peer.connections - peer.finished)
                        .thenComparing(Peer::address))
                .limit(MOST_PEERS)
                .toList();
    }

    private static double rounded(double number) {
        return Math.round(number * ROUNDING) / ROUNDING;
    }
}
