package io.socketreaper.testapp.command;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM as in a container: it runs as another user, has a process namespace and a {@code /tmp} of its own, and cannot see the jar.
 * As root; what is missing then, such as {@code unshare} or the right to use it, is a failure.
 */
class ContainerIT {
    private static final int NOBODY = 65534;
    /** Arguments: the two parts of the class path, the program's name, java and its options. */
    private static final String CONTAINER = """
            mount -t tmpfs none /mnt && cp -r "$1" /mnt/tests && cp -r "$2" /mnt/app &&
            echo tmeout=3s > /mnt/bad.properties && ln -s /mnt/bad.properties /mnt/link.properties && chmod -R a+rX /mnt &&
            mount -t tmpfs -o mode=1777 none /tmp && cd /mnt && main=$3 && shift 3 &&
            exec setpriv --reuid %d --regid %d --clear-groups "$@" -cp /mnt/tests:/mnt/app $main
            """.formatted(NOBODY, NOBODY);

    @TempDir
    private static Path directory;

    @BeforeAll
    static void asRoot() throws IOException {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root can make a mount namespace");
    }

    @Test
    void attachSitesAndDetachReachIntoItAndLeaveNothingThere() throws IOException {
        // Hidden by its /tmp.
        var jar = Files.copy(Jvm.AGENT, directory.resolve("agent.jar"));
        try (var unshare = new ChildJvm(new ProcessBuilder(
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--mount-proc",
                "--kill-child",
                "sh",
                "-c",
                CONTAINER,
                "sh",
                Jvm.locationOf(Leaker.class).toString(),
                Jvm.applicationClasses().toString(),
                Leaker.class.getName(),
                ChildJvm.javaHome().resolve("bin/java").toString(),
                "-XX:+EnableDynamicAgentLoading"))) {
            unshare.ask("leak");
            var java = ProcessHandle.of(unshare.pid())
                    .orElseThrow()
                    .children()
                    .findFirst()
                    .orElseThrow();
            var pid = Long.toString(java.pid());
            var itsTmp = Path.of("/proc", pid, "root/tmp");

            // From outside a link is not followed, so it is the agent who finds out.
            var observes = tool(jar, 5, "attach", pid, "action=drain", "config=/mnt/link.properties");
            unshare.expect(
                    "problem",
                    true,
                    observes.out().stream()
                            .anyMatch(
                                    line -> line.matches(
                                            "problem +unknown setting \"tmeout\" \\(file /mnt/link.properties\\): did you mean .*")));
            tool(jar, 0, "detach", pid);
            unshare.expect("left after a detach", List.of(), ofOurs(itsTmp));

            var attach = tool(jar, 0, "attach", pid, "timeout=500ms");
            unshare.expect(
                    "was copied",
                    true,
                    attach.out().stream()
                            .anyMatch(line -> line.matches(
                                    "the jar +was copied to /tmp/socket-reaper-\\d+-\\w+\\.jar of that process.*")));
            unshare.expect("copies", 1, ofOurs(itsTmp).size());
            unshare.ask("leak");
            for (long deadline = System.nanoTime() + ChildJvm.PATIENCE.toNanos();
                    tool(jar, 0, "sites", pid).out().stream().noneMatch(line -> line.contains("Leaker.leak(")); ) {
                unshare.expect("found in time", true, System.nanoTime() - deadline < 0);
            }
            tool(jar, 0, "detach", pid);
            unshare.expect("left after a detach", List.of(), ofOurs(itsTmp));
        }
    }

    /** With an umask that lets nobody else read what it makes. */
    private static ChildJvm tool(Path jar, int exitCode, String... arguments) {
        var command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "umask 077 && exec \"$@\"",
                "sh",
                ChildJvm.javaHome().resolve("bin/java").toString(),
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        try (var tool = new ChildJvm(new ProcessBuilder(command))) {
            return tool.awaitEnd().expectExitCode(exitCode);
        }
    }

    private static List<Path> ofOurs(Path temporary) throws IOException {
        try (var files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("socket-reaper"))
                    .toList();
        }
    }
}
