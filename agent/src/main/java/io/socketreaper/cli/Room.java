package io.socketreaper.cli;

import io.socketreaper.proc.ProcFs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Descriptors of a process for being asked: a JVM that has none left does not answer, and may never do so again. */
final class Room implements AutoCloseable {
    static final int FOR_AN_ATTACH = 8;
    static final int FOR_A_COMMAND = 5;
    /** So much that a program that takes each descriptor it gets leaves some meanwhile. */
    private static final long MORE = 256;
    private static final long PATIENCE_SECONDS = 5;
    private static final Pattern LIMITS = Pattern.compile("(?m)^Max open files +(\\S+) +(\\S+)");
    private static final String UNLIMITED = "unlimited";

    private final long pid;
    /** What to put back, as prlimit takes it; null for nothing. */
    private final String before;

    private Room(long pid, String before) {
        this.pid = pid;
        this.before = before;
    }

    /** @param make raise the limit if there are fewer left */
    static Room in(ProcFs proc, long pid, int descriptors, boolean make) {
        var process = proc.process(pid);
        var limit = process.limit();
        long open = process.open().orElse(0);
        if (limit.isEmpty() || limit.getAsLong() - open >= descriptors) {
            return new Room(pid, null);
        }
        String hard = hardLimit(proc.root().resolve(Long.toString(pid)).resolve("limits"));
        long more = Math.max(limit.getAsLong(), open) + MORE;
        String raised = more + ":" + (hard.equals(UNLIMITED) || Long.parseLong(hard) >= more ? hard : more);
        String command = "prlimit --pid " + pid + " --nofile=" + raised;
        String back = limit.getAsLong() + ":" + hard;
        if (!make) {
            throw new CliException(Exit.FAILED, "process " + pid + " has " + open + " of " + limit.getAsLong() + " descriptors open; "
                    + "to be asked it needs " + descriptors + " more, and would not answer. Keep traffic away from it for a moment; or raise"
                    + " its limit" + (raised.endsWith(":" + hard) ? "" : " as root") + ": " + command + ", afterwards back with --nofile="
                    + back + "; the option --make-room does both. The command scan works now");
        }
        String failure = run(pid, raised);
        if (failure != null) {
            throw new CliException(Exit.FAILED, "process " + pid + " has " + open + " of " + limit.getAsLong() + " descriptors open, and its"
                    + " limit cannot be raised (" + command + "): " + failure + ". Keep traffic away from it for a moment");
        }
        return new Room(pid, back);
    }

    private static String hardLimit(Path limits) {
        try {
            var found = LIMITS.matcher(Files.readString(limits));
            return found.find() ? found.group(2) : UNLIMITED;
        } catch (IOException gone) {
            return UNLIMITED;
        }
    }

    /** Why not; null if it was done. */
    private static String run(long pid, String limits) {
        try {
            var prlimit = new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--nofile=" + limits).redirectErrorStream(true)
                    .start();
            if (!prlimit.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                prlimit.destroyForcibly();
                return "prlimit has not ended";
            }
            String said = new String(prlimit.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return prlimit.exitValue() == 0 ? null : said;
        } catch (IOException notThere) {
            return String.valueOf(notThere.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Puts the limit back. */
    @Override
    public void close() {
        if (before != null) {
            run(pid, before);
        }
    }
}
