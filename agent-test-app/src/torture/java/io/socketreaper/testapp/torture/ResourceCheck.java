package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.torture.Application.Word;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.JMException;

/** Compares memory, threads and descriptors of the process at the end with those at the start. */
final class ResourceCheck {
    private static final String AGENT = "socket-reaper";
    private static final int MOST_AGENT_THREADS = 16;
    private static final long LOOK_MILLIS = 200;
    private static final long PATIENCE_MILLIS = 15_000;
    /** How much more the JDK and the JIT may keep at the end than at the start. */
    private static final long GROWTH_BYTES = 24L << 20;

    private static final int GROWTH_THREADS = 8;

    private final Set<String> sockets;
    private final long heap = heap();
    private final int threads = threads().size();
    private volatile int mostAgentThreads;

    ResourceCheck() throws IOException {
        // The agent finds out that the program uses JMX; its figures are asked for in the end.
        ManagementFactory.getPlatformMBeanServer();
        sockets = SocketDescriptors.links();
        var thread = new Thread(this::watch, "health");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                int agents = (int) threads().stream()
                        .filter(name -> name.startsWith(AGENT))
                        .count();
                mostAgentThreads = Math.max(mostAgentThreads, agents);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            Application.say(Word.TROUBLE, "the threads cannot be listed: " + e);
        }
    }

    /** The names of all threads of the process, the JVM's own included. */
    private static List<String> threads() throws IOException {
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.map(ResourceCheck::name).collect(Collectors.toList());
        }
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static long heap() {
        var runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    /** Prints the violations and the figures. */
    void judge(LeakTracker leaks, int stillPlaying, long echoes) throws IOException, InterruptedException, JMException {
        var left = left(leaks);
        for (long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
                !left.isEmpty() && System.nanoTime() - deadline < 0; ) {
            // A channel that an actor's failure has dropped is found once it is collected.
            System.gc();
            Thread.sleep(LOOK_MILLIS);
            left = left(leaks);
        }
        expect(left.isEmpty(), "descriptors left: " + left + tables(left));
        expect(stillPlaying == 0, stillPlaying + " connections have not come to their end");
        int agents = mostAgentThreads;
        expect(agents <= MOST_AGENT_THREADS, agents + " threads of the agent");
        long growth = heap() - heap;
        expect(growth <= GROWTH_BYTES, "the heap has grown by " + growth + " bytes");
        int more = threads().size() - threads;
        expect(more <= GROWTH_THREADS, more + " threads more than at the start: " + threads());
        long errors = AgentStatus.count("InternalErrors");
        expect(errors == 0, errors + " internal errors of the agent");
        long givenUp = AgentStatus.count("LeaksGivenUp");
        expect(givenUp == 0, givenUp + " descriptors that the agent could not release");
        Application.say(
                Word.FIGURES,
                leaks.figures() + " canary_echoes=" + echoes + " heap_growth_kb=" + growth / 1024
                        + " thread_growth=" + more
                        + " most_agent_threads=" + agents + " agent_found=" + AgentStatus.count("LeaksFound")
                        + " agent_released=" + AgentStatus.count("LeaksReleased")
                        + " agent_released_after_all=" + AgentStatus.count("LeaksReleasedAfterAll")
                        + " agent_drained_bytes="
                        + AgentStatus.count("DrainedBytes"));
    }

    /** The lines of the kernel's tables that tell what they are. */
    private static String tables(Set<String> left) throws IOException {
        var found = new StringBuilder();
        for (String table : left.isEmpty() ? List.<String>of() : List.of("tcp", "tcp6", "unix")) {
            for (String line : Files.readAllLines(Path.of("/proc/self/net", table))) {
                for (String socket : left) {
                    if (line.contains(" " + socket.replaceAll("[^0-9]", "") + " ")) {
                        found.append("; ").append(table).append(' ').append(line.strip());
                    }
                }
            }
        }
        return found.toString();
    }

    private Set<String> left(LeakTracker leaks) throws IOException {
        var left = new HashSet<>(SocketDescriptors.links());
        left.removeAll(sockets);
        leaks.left().forEach(left::remove);
        return left;
    }

    private static void expect(boolean holds, String trouble) {
        if (!holds) {
            Application.say(Word.TROUBLE, trouble);
        }
    }

    /** The stacks of all threads, for the search for a deadlock. */
    static void dump() {
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            System.err.println(thread);
            for (var frame : stack) {
                System.err.println("    at " + frame);
            }
        });
    }
}
