package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/** A JVM that was stopped for longer than the timeout has forgotten nothing: its sockets' windows start anew. */
@Isolated
@Execution(ExecutionMode.SAME_THREAD)
class LateTickIT {
    private static final long STOPPED_MILLIS = 2500;
    private static final int STOPS = 2;
    private static final String TCP_FIN_WAIT2 = "05";

    @Test
    void pausedConsumersOfAStoppedJvmAreLeftAloneUnderEveryAction() throws IOException {
        var children = new ArrayList<ChildJvm>();
        try {
            for (var action : new String[] {"log", "drain", "close"}) {
                children.add(Jvm.app(
                                "run",
                                "slow-consumer",
                                "--sockets",
                                "10",
                                "--runs",
                                "" + STOPS,
                                "--reaper-timeout",
                                "1s")
                        .agent("action=" + action + ",timeout=1s")
                        .start());
            }
            for (int run = 1; run <= STOPS; run++) {
                for (var child : children) {
                    child.awaitOut(run - 1, "RESULT ").awaitWatching();
                    awaitPausedConsumer(child);
                    signal(child, "STOP");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(STOPPED_MILLIS));
                for (var child : children) {
                    signal(child, "CONT");
                }
            }
            for (var child : children) {
                child.awaitEnd().expectExitCode(0).expectResult("intact", "yes").expectResult("peer_reset", 0);
                child.expectEvents(0, leak());
            }
        } finally {
            children.forEach(ChildJvm::close);
        }
    }

    /** Until one of its sockets is half-closed and holds unread input: its consumer is having a pause. */
    private static void awaitPausedConsumer(ChildJvm child) throws IOException {
        long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
        while (!hasPausedConsumer(child)) {
            if (System.nanoTime() - deadline > 0 || !child.isAlive()) {
                throw child.failure("no consumer of it paused");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static boolean hasPausedConsumer(ChildJvm child) throws IOException {
        var inodes = inodes(child.pid());
        for (var table : new String[] {"tcp", "tcp6"}) {
            var file = Path.of("/proc/net", table);
            if (Files.exists(file)) {
                for (var line : Files.readAllLines(file)) {
                    // sl local remote st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
                    var column = line.trim().split("\\s+");
                    boolean unread = !column[4].endsWith(":00000000");
                    if (column[3].equals(TCP_FIN_WAIT2) && unread && inodes.contains("socket:[" + column[9] + "]")) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static Set<String> inodes(long pid) throws IOException {
        var links = new HashSet<String>();
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (var descriptor : descriptors) {
                try {
                    links.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    // not that one then
                }
            }
        }
        return links;
    }

    private static void signal(ChildJvm child, String name) throws IOException {
        try {
            int exit = new ProcessBuilder("sh", "-c", "kill -" + name + " " + child.pid())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw child.failure("no SIG" + name + " was sent");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
