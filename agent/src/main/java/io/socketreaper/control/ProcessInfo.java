package io.socketreaper.control;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which process it is, for people.
 *
 * @param program       main class, or name of the jar; empty if unknown
 * @param host          name of the host; empty if unknown
 * @param jvm           name and version of the JVM; empty if unknown
 * @param startedMillis when the process was started, milliseconds since 1970; 0 if unknown
 */
public record ProcessInfo(String program, String host, String jvm, long startedMillis) {
    /** Of a process whose number alone is known. */
    public static final ProcessInfo UNKNOWN = new ProcessInfo("", "", "", 0);

    /** A name lookup could block, so the kernel is asked; in a container it tells the container's name. */
    private static final String HOST = "/proc/sys/kernel/hostname";

    private static volatile @Nullable ProcessInfo known;

    /** This process. Any thread; needs a descriptor the first time. */
    public static ProcessInfo current() {
        ProcessInfo info = known;
        if (info == null) {
            info = new ProcessInfo(
                    program(System.getProperty("sun.java.command", "")),
                    hostName(),
                    System.getProperty("java.vm.name", "") + " " + System.getProperty("java.vm.version", ""),
                    ProcessHandle.current()
                            .info()
                            .startInstant()
                            .map(Instant::toEpochMilli)
                            .orElse(0L));
            if (!info.host.isEmpty()) {
                known = info;
            }
        }
        return info;
    }

    /**
     * The main class or the jar's name.
     *
     * @param command as {@code sun.java.command} tells it; only the first word is used: arguments can be secrets
     */
    public static String program(String command) {
        String first = command.strip().split(" ")[0];
        return first.endsWith(".jar") ? first.substring(first.lastIndexOf('/') + 1) : first;
    }

    private static String hostName() {
        try (var in = new BufferedReader(new FileReader(HOST, StandardCharsets.UTF_8))) {
            String name = in.readLine();
            return name == null ? "" : name.strip();
        } catch (IOException noDescriptorOrNoProc) {
            return "";
        }
    }
}
