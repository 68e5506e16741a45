package io.socketreaper.testapp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code track=all} keeps of an open socket, by a class histogram. */
@Isolated
class HeapIT {
    private static final int CONNECTIONS = 1000;
    private static final int MOST_BYTES_A_SOCKET = 200;
    /** Instances, bytes and class of one line; references are the JDK's own classes, of which some are always there. */
    private static final Pattern LINE = Pattern.compile(
            "\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(io\\.socketreaper\\.\\S+|java\\.lang\\.ref\\.(Phantom|Weak)Reference)\\b.*");
    private static final int AS_MANY_AS_SOCKETS = CONNECTIONS;

    @ParameterizedTest
    @ValueSource(strings = {"channels", "sockets"})
    void anOpenSocketCostsAtMostTwoHundredBytes(String kind) {
        try (var child = Jvm.program(ManySockets.class, kind, "" + CONNECTIONS).agent("track=all,timeout=1s").start()) {
            child.awaitOut("open");
            child.awaitWatching();
            long bytes = bytesOf(child);
            // Once every socket has been looked at; the looks remember addresses and inodes.
            child.expect(bytes + " bytes for " + 2 * CONNECTIONS + " sockets are at most " + MOST_BYTES_A_SOCKET + " each", true,
                    bytes > 0 && bytes <= (long) MOST_BYTES_A_SOCKET * 2 * CONNECTIONS);
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    private static long bytesOf(ChildJvm child) {
        try (var jcmd = Jvm.tool("jcmd", "" + child.pid(), "GC.class_histogram").awaitEnd()) {
            jcmd.expectExitCode(0);
            return jcmd.out().stream().map(LINE::matcher).filter(Matcher::matches)
                    .filter(line -> Long.parseLong(line.group(1)) >= AS_MANY_AS_SOCKETS)
                    .mapToLong(line -> Long.parseLong(line.group(2))).sum();
        }
    }
}
