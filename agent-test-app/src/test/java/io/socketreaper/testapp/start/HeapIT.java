package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.Jvm;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What {@code track=all} adds to the heap for an open socket: all that lives, by class histograms with the agent and without. */
@Isolated
class HeapIT {
    private static final int FEW_CONNECTIONS = 50;
    private static final int CONNECTIONS = 1000;
    private static final int MOST_BYTES_A_SOCKET = 200;
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    /** A site of its own if the last opening was not sampled, else the second of its site, of which only the count is logged. */
    private static final EventPattern LAST_FOUND = EventPattern.any()
            .and(
                    "the last connection's leak",
                    event -> event.name().equals("leak") && event.number("fd") >= CONNECTIONS
                            || event.name().equals("counts") && event.number("found") == 2);

    /** A JVM with the agent and one without. */
    private record Pair(String kind, ChildJvm with, ChildJvm without) {
        static Pair start(String kind) {
            return new Pair(
                    kind,
                    Jvm.program(ManySockets.class, kind)
                            .agent("track=all,timeout=1s,log-interval=1s")
                            .start(),
                    Jvm.program(ManySockets.class, kind).start());
        }

        void ask(int connections) {
            with.ask(connections + "");
            without.ask(connections + "");
        }

        /** @param found what the agent logs once it has looked at all of them, the last of which has lost its peer */
        long bytesMore(EventPattern found) {
            with.awaitEvent(found);
            return bytes(with) - bytes(without);
        }

        void close() {
            with.close();
            without.close();
        }
    }

    /** Side by side: each of them waits most of the time. */
    @Test
    void anOpenSocketCostsAtMostTwoHundredBytes() {
        var pairs = Stream.of("channels", "sockets", "asynchronous")
                .map(Pair::start)
                .toList();
        try {
            pairs.forEach(pair -> pair.with().awaitWatching());
            pairs.forEach(pair -> pair.ask(FEW_CONNECTIONS));
            var few = pairs.stream()
                    .map(pair -> pair.bytesMore(leak("peer-closed")))
                    .toList();
            pairs.forEach(pair -> pair.ask(CONNECTIONS));
            for (int i = 0; i < pairs.size(); i++) {
                var pair = pairs.get(i);
                long bytes = (pair.bytesMore(LAST_FOUND) - few.get(i)) / (2 * CONNECTIONS);
                pair.with()
                        .expect(
                                pair.kind() + ": " + bytes + " bytes for each socket are at most "
                                        + MOST_BYTES_A_SOCKET,
                                true,
                                bytes > 0 && bytes <= MOST_BYTES_A_SOCKET);
                pair.with().tell("end");
                pair.with().awaitEnd().expectExitCode(0);
            }
        } finally {
            pairs.forEach(Pair::close);
        }
    }

    private static long bytes(ChildJvm child) {
        try (var jcmd = Jvm.tool("jcmd", "" + child.pid(), "GC.class_histogram").awaitEnd()) {
            jcmd.expectExitCode(0);
            return jcmd.out().stream()
                    .map(TOTAL::matcher)
                    .filter(line -> line.matches())
                    .mapToLong(line -> Long.parseLong(line.group(1)))
                    .findFirst()
                    .orElseThrow(() -> jcmd.failure("no total"));
        }
    }
}
