package io.socketreaper.testapp.build;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Leaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The layout of docs/containers.md, made with namespaces: an init container runs the command of the image and copies the jar into a
 * volume; the application's container mounts it read-only, has a read-only root without a shell, and runs as another user. As root;
 * what is missing then, such as {@code unshare}, is a failure.
 */
class ContainerLayoutIT {
    private static final String USER = "65534";
    /** What the page sets, but for the timeout. */
    private static final String OPTIONS = "-javaagent:/agent/socket-reaper.jar=action=log,timeout=500ms";
    /**
     * Arguments: the jar, the tests' and the application's classes, the JDK, "volume" for a writable /tmp, the value of
     * JAVA_TOOL_OPTIONS or "", the program's name; then the command of the image.
     */
    private static final String CONTAINERS = """
            set -e
            jar=$1 tests=$2 application=$3 jdk=$4 tmp=$5 options=$6 main=$7
            shift 7
            mount -t tmpfs none /mnt
            mkdir -p /mnt/volume /mnt/image/usr /mnt/image/agent /mnt/root
            mount -t tmpfs -o mode=1777 none /mnt/volume

            # The init container, with the volume at /agent. Its cp is that of this machine.
            ln -s usr/bin /mnt/image/bin && ln -s usr/lib /mnt/image/lib && ln -s usr/lib64 /mnt/image/lib64
            mount --bind /usr /mnt/image/usr
            mount --bind /mnt/volume /mnt/image/agent
            cp "$jar" /mnt/image/socket-reaper.jar && chmod 644 /mnt/image/socket-reaper.jar
            chroot --userspec=USER:USER /mnt/image "$@"

            # The application's container: a JDK and what it needs, no shell.
            mount --bind /mnt/root /mnt/root
            cd /mnt/root
            mkdir -p app agent tmp proc dev etc usr/lib usr/lib64
            ln -s usr/lib lib && ln -s usr/lib64 lib64
            cp -r "$tests" app/tests && cp -r "$application" app/application && chmod -R a+rX app
            mount --rbind /usr/lib usr/lib && mount --bind /usr/lib64 usr/lib64
            mount --bind /etc etc && mount --bind /dev dev
            test -x ".$jdk/bin/java" || { mkdir -p ".$jdk" && mount --bind "$jdk" ".$jdk"; }
            mount -t proc proc proc
            mount --bind /mnt/volume agent && mount -o remount,ro,bind agent
            test "$tmp" != volume || mount -t tmpfs -o mode=1777 none tmp
            mount -o remount,ro,bind /mnt/root
            chroot=$(command -v chroot)
            exec env -i ${options:+"JAVA_TOOL_OPTIONS=$options"} \\
                "$chroot" --userspec=USER:USER /mnt/root "$jdk/bin/java" -XX:TieredStopAtLevel=1 \\
                -XX:+EnableDynamicAgentLoading -cp /app/tests:/app/application "$main"
            """.replace("USER", USER);

    /** Arguments: the jar, the JDK; then those of the command. */
    private static final String EPHEMERAL = """
            set -e
            jar=$1 jdk=$2
            shift 2
            mount -t tmpfs none /mnt && cp "$jar" /mnt/socket-reaper.jar && chmod 644 /mnt/socket-reaper.jar
            mount -t tmpfs -o mode=1777 none /tmp
            mount -t proc proc /proc
            exec chroot --userspec=USER:USER / "$jdk/bin/java" -jar /mnt/socket-reaper.jar "$@"
            """.replace("USER", USER);

    /** Arguments: the tests' and the application's classes, the JDK, the program's name. */
    private static final String SERVICE = """
            set -e
            mount -t tmpfs none /mnt && cp -r "$1" /mnt/tests && cp -r "$2" /mnt/application
            mount -t tmpfs -o mode=1777 none /tmp
            exec "$3/bin/java" -XX:TieredStopAtLevel=1 -XX:+EnableDynamicAgentLoading -cp /mnt/tests:/mnt/application "$4"
            """;

    private static final Pattern COMMAND = Pattern.compile("(?m)^CMD (\\[.*])$");

    @BeforeAll
    static void asRoot() throws IOException {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root can make a mount namespace");
    }

    @Test
    void theJarOfTheInitContainerIsLoadedAndCanBeAskedFromInsideAndOutside() throws IOException {
        try (var container = containers("volume", OPTIONS)) {
            var pid = leaks(container);
            container.awaitErr("LEAK half-closed");
            for (var command : List.of(inside(pid, "sites", "1"), outside("sites", pid))) {
                try (var sites = new ChildJvm(new ProcessBuilder(command))) {
                    sites.awaitEnd().expectExitCode(0).awaitOut("Leaker.leak\\(");
                }
            }
        }
    }

    /** As {@code kubectl debug --target} does; a JDK before 23 looks for the socket of process 1 in its own /tmp. */
    @Test
    void anEphemeralContainerWithARootOfItsOwnIsAnswered() throws IOException {
        try (var container = containers("volume", OPTIONS)) {
            var pid = leaks(container);
            container.awaitErr("LEAK half-closed");
            run(0, beside(pid, "sites", "1")).awaitOut("Leaker.leak\\(");
            run(0, beside(pid, "list")).awaitOut("^ *1 .*0\\.2.* watching");
        }
    }

    /** As systemd's {@code PrivateTmp=yes} has it: one root, one process namespace, two directories. */
    @Test
    void aServiceWithATemporaryDirectoryOfItsOwnIsAnswered() throws IOException {
        var service = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                SERVICE,
                "sh",
                Jvm.locationOf(Leaker.class).toString(),
                Jvm.applicationClasses().toString(),
                ChildJvm.javaHome().toString(),
                Leaker.class.getName());
        try (var child = new ChildJvm(new ProcessBuilder(service))) {
            child.ask("leak");
            var pid = Long.toString(child.pid());
            run(0, outside("attach", pid, "action=log", "timeout=500ms"));
            child.ask("leak");
            child.awaitErr("LEAK half-closed");
            run(0, outside("sites", pid)).awaitOut("Leaker.leak\\(");
        }
    }

    @Test
    void anEphemeralContainerAttachesTheAgentToo() throws IOException {
        try (var container = containers("volume", "")) {
            var pid = leaks(container);
            run(0, beside(pid, "attach", "1", "action=log", "timeout=500ms"));
            container.ask("leak");
            container.awaitErr("LEAK half-closed");
        }
    }

    /** Nothing was prepared: no jar in the container, no variable. */
    @Test
    void anAgentThatIsAttachedFromOutsideNeedsOnlyTheTemporaryDirectory() throws IOException {
        try (var container = containers("volume", "")) {
            var pid = leaks(container);
            run(0, outside("attach", pid, "action=drain", "timeout=500ms"))
                    .awaitOut("was copied to /tmp/socket-reaper-");
            container.ask("leak");
            container.awaitErr("LEAK half-closed");
            run(0, outside("detach", pid));
            try (var left = Files.list(Path.of("/proc", pid, "root/tmp"))) {
                container.expect(
                        "left",
                        List.of(),
                        left.filter(file -> file.getFileName().toString().startsWith("socket-reaper"))
                                .toList());
            }
        }
    }

    @Test
    void withoutATemporaryDirectoryTheAgentWorksAndCannotBeAsked() throws IOException {
        try (var container = containers("none", OPTIONS)) {
            var pid = leaks(container);
            container.awaitErr("LEAK half-closed");
            for (var command : List.of(inside(pid, "sites", "1"), outside("sites", pid))) {
                try (var sites = new ChildJvm(new ProcessBuilder(command))) {
                    sites.awaitEnd().expect("succeeds", false, sites.exitCode() == 0);
                    // The second of JDK 25, from outside.
                    sites.expectErr("does not answer: Read-only file system"
                            + "|does not allow an attach: Unable to open socket file /tmp/");
                }
            }
        }
    }

    private static ChildJvm run(int exitCode, List<String> command) {
        try (var tool = new ChildJvm(new ProcessBuilder(command))) {
            return tool.awaitEnd().expectExitCode(exitCode);
        }
    }

    private static ChildJvm containers(String tmp, String options) throws IOException {
        var command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                CONTAINERS,
                "sh",
                Jvm.AGENT.toString(),
                Jvm.locationOf(Leaker.class).toString(),
                Jvm.applicationClasses().toString(),
                ChildJvm.javaHome().toString(),
                tmp,
                options,
                Leaker.class.getName()));
        var dockerfile = COMMAND.matcher(Files.readString(Path.of("..", "agent", "Dockerfile")));
        assertTrue(dockerfile.find());
        JsonParser.parseString(dockerfile.group(1)).getAsJsonArray().forEach(word -> command.add(word.getAsString()));
        return new ChildJvm(new ProcessBuilder(command));
    }

    /** Has it leak a socket; returns its pid as seen from outside. */
    private static String leaks(ChildJvm container) {
        container.ask("leak");
        var java = ProcessHandle.of(container.pid())
                .orElseThrow()
                .children()
                .findFirst()
                .orElseThrow();
        return Long.toString(java.pid());
    }

    /** As {@code kubectl exec} does: in its namespaces and its root, as its user, with a JDK of the container's. */
    private static List<String> inside(String pid, String... arguments) {
        var command = new ArrayList<>(List.of(
                "nsenter",
                "--target",
                pid,
                "--mount",
                "--pid",
                "--root",
                "--wd",
                "--setuid",
                USER,
                "--setgid",
                USER,
                ChildJvm.javaHome().resolve("bin/java").toString(),
                "-jar",
                "/agent/socket-reaper.jar"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** In its process namespace and as its user, with another root and another /tmp. */
    private static List<String> beside(String pid, String... arguments) {
        var command = new ArrayList<>(List.of(
                "nsenter",
                "--target",
                pid,
                "--pid",
                "unshare",
                "--mount",
                "sh",
                "-c",
                EPHEMERAL,
                "sh",
                Jvm.AGENT.toString(),
                ChildJvm.javaHome().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** As root of the machine. */
    private static List<String> outside(String... arguments) {
        var command = new ArrayList<>(
                List.of(ChildJvm.javaHome().resolve("bin/java").toString(), "-jar", Jvm.AGENT.toString()));
        command.addAll(List.of(arguments));
        return command;
    }
}
