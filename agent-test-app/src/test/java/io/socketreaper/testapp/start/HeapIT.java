package io.socketreaper.testapp.start;

import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.EventPattern;
import io.socketreaper.testapp.harness.Jvm;
import java.util.regex.Pattern;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"channels", "sockets", "asynchronous"})
    void anOpenSocketCostsAtMostTwoHundredBytes(String kind) {
        try (var with = Jvm.program(ManySockets.class, kind)
                        .agent("track=all,timeout=1s,log-interval=1s")
                        .start();
                var without = Jvm.program(ManySockets.class, kind).start()) {
            with.awaitWatching();
            long bytes = (growth(with, true) - growth(without, false)) / (2 * CONNECTIONS);
            with.expect(
                    bytes + " bytes for each socket are at most " + MOST_BYTES_A_SOCKET,
                    true,
                    bytes > 0 && bytes <= MOST_BYTES_A_SOCKET);
            with.tell("end");
            with.awaitEnd().expectExitCode(0);
        }
    }

    private static long growth(ChildJvm child, boolean watched) {
        long before = bytesAfter(child, FEW_CONNECTIONS, watched ? leak("peer-closed") : null);
        return bytesAfter(child, CONNECTIONS, watched ? LAST_FOUND : null) - before;
    }

    /** @param found what the agent logs once it has looked at all of them, the last of which has lost its peer; null for none */
    private static long bytesAfter(ChildJvm child, int connections, EventPattern found) {
        child.ask(connections + "");
        if (found != null) {
            child.awaitEvent(found);
        }
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
