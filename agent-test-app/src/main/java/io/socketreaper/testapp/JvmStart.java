package io.socketreaper.testapp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long this JVM took from the start of its process to now: a measure of the machine's speed when code runs for the first time. An
 * agent's first release runs so, too. A virtual machine can be ten times slower than at its best, and no count of the kernel tells.
 */
public final class JvmStart {
    private static final Path STAT = Path.of("/proc/self/stat");
    private static final Path UPTIME = Path.of("/proc/uptime");
    /** Field 22 of proc(5), counted from field 3, the first after the name in parentheses. */
    private static final int START_TIME = 22 - 3;
    /** The kernel tells programs of 100 ticks a second, see time(7). */
    private static final int MILLIS_IN_TICK = 10;

    private JvmStart() {}

    /** Milliseconds, in steps of 10. To be called first of all. 0 if the kernel does not tell. */
    public static long millisUntilNow() {
        try {
            var stat = Files.readString(STAT);
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            double uptime = Double.parseDouble(Files.readString(UPTIME).split(" ")[0]);
            return Math.max(0, (long) (uptime * 1000) - Long.parseLong(fields[START_TIME]) * MILLIS_IN_TICK);
        } catch (IOException e) {
            return 0;
        }
    }
}
