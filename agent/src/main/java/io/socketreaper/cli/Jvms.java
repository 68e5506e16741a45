package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The JVMs of this machine: those the JDK's attach API lists, and every process whose program is called java or has
 * loaded a JVM. */
final class Jvms {
    /** Published by an agent that runs. */
    static final String AGENT_PROPERTY = "io.socketreaper.agent";

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Path LAUNCHER = Path.of("java");
    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"([^\"]*)\"");
    /** Options of the launcher whose value is the next argument. */
    private static final Set<String> WITH_VALUE = Set.of(
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--upgrade-module-path",
            "--add-modules",
            "--limit-modules",
            "--add-exports",
            "--add-opens",
            "--add-reads",
            "--patch-module",
            "--enable-native-access",
            "--source",
            "-d");

    private static final Set<String> MODULE = Set.of("-m", "--module");

    private final ProcFs proc;
    private final boolean ask;

    /** @param ask whether to attach to them for the agent's state */
    Jvms(ProcFs proc, boolean ask) {
        this.proc = proc;
        this.ask = ask;
    }

    /** All but this one, by pid. */
    List<JvmInfo> all() throws IOException, InterruptedException {
        Map<Long, String> names = names();
        // In parallel, so that several JVMs that do not answer cost the waiting time only once.
        Map<Long, Future<Properties>> asked = new TreeMap<>();
        for (long pid : names.keySet()) {
            var process = proc.process(pid);
            if (ask && AttachCheck.refusal(proc, process) == null) {
                asked.put(pid, properties(pid));
            }
        }
        var found = new ArrayList<JvmInfo>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (var name : names.entrySet()) {
            var process = proc.process(name.getKey());
            var info = info(process, name.getValue(), asked.get(name.getKey()), deadline);
            // The process has ended meanwhile.
            if (process.alive()) {
                found.add(info);
            }
        }
        return found;
    }

    /** What each was started with, by pid; null where the attach API does not tell. */
    private Map<Long, @Nullable String> names() throws IOException {
        Map<Long, String> names = new TreeMap<>();
        for (var process : proc.processes()) {
            var program = process.executable();
            boolean launched = program == null ? process.name().equals("java") : program.endsWith(LAUNCHER);
            if (launched || Attachability.hasJvm(proc, process.pid()).orElse(false)) {
                names.put(process.pid(), null);
            }
        }
        if (AttachCheck.hasModule() && proc.equals(ProcFs.SYSTEM)) {
            AttachApi.list().forEach((pid, name) -> {
                // A container's JVM that shares /tmp is listed by its number in the container, which is another process
                // here.
                if (Attachability.hasJvm(proc, pid).orElse(true)) {
                    names.put(pid, name);
                }
            });
        }
        names.remove(ProcessHandle.current().pid());
        return names;
    }

    private Future<Properties> properties(long pid) {
        return DaemonTask.start("attach to " + pid, () -> {
            try (var link = AttachLink.to(proc, pid)) {
                return AttachApi.systemProperties(pid, PATIENCE.toMillis());
            }
        });
    }

    private JvmInfo info(ProcProcess process, String displayName, @Nullable Future<Properties> asked, long deadline)
            throws InterruptedException {
        Properties properties = null;
        String whyUnknown = null;
        if (asked != null) {
            try {
                properties = asked.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                whyUnknown = "it has not answered within " + PATIENCE.toSeconds() + " s";
            } catch (ExecutionException e) {
                whyUnknown = String.valueOf(Objects.requireNonNull(e.getCause()).getMessage())
                        .lines()
                        .findFirst()
                        .orElse("");
            }
        } else {
            whyUnknown = ask ? AttachCheck.refusal(proc, process) : "not asked";
        }
        String agent = properties == null ? null : properties.getProperty(AGENT_PROPERTY, JvmInfo.NO_AGENT);
        String main = displayName == null || displayName.isBlank() || displayName.startsWith("-")
                ? main(process.arguments())
                : displayName.split(" ")[0];
        return new JvmInfo(
                process.pid(),
                process.user(),
                main,
                properties == null ? version(process) : properties.getProperty("java.version"),
                boxed(process.open()),
                boxed(process.limit()),
                agent,
                whyUnknown);
    }

    private static @Nullable Long boxed(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    /** Main class or jar of a launcher's command line; null if they do not tell. */
    static @Nullable String main(List<String> arguments) {
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-jar") || MODULE.contains(argument)) {
                return i + 1 < arguments.size() ? arguments.get(i + 1) : null;
            }
            if (WITH_VALUE.contains(argument)) {
                i++;
            } else if (!argument.startsWith("-") && !argument.startsWith("@")) {
                return argument;
            }
        }
        return null;
    }

    /** From the file {@code release} of its JDK. */
    private static @Nullable String version(ProcProcess process) {
        var program = process.executable();
        if (program == null || program.getNameCount() <= 2) {
            return null;
        }
        // JDK_HOME/bin/java, in JDK 8 also JDK_HOME/jre/bin/java
        var home = Objects.requireNonNull(
                Objects.requireNonNull(program.getParent()).getParent());
        for (var place = home;
                place != null && place.getNameCount() + 1 >= home.getNameCount();
                place = place.getParent()) {
            try {
                var match = VERSION.matcher(
                        Files.readString(process.seenByIt(place.resolve("release")), StandardCharsets.ISO_8859_1));
                if (match.find()) {
                    return match.group(1);
                }
            } catch (IOException notThere) {
                // perhaps one directory up
            }
        }
        return null;
    }
}
