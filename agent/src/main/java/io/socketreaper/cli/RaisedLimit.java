package io.socketreaper.cli;

import io.socketreaper.control.WireCodec;
import io.socketreaper.descriptor.DescriptorLimit;
import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Raises the descriptor limit of a process for a command: a JVM without free descriptors does not answer, and may never do so
 * again.
 */
final class RaisedLimit implements AutoCloseable {
    /** An answer takes 3 descriptors and keeps 2 (measured), and the self-tests open sockets of their own. */
    static final int FOR_AN_ATTACH = 8;

    static final int FOR_A_COMMAND = 3;
    /** How far the limit is raised: so far that a program which takes every free descriptor leaves some for the answer. */
    private static final long MORE = 256;

    private static final long PATIENCE_SECONDS = 5;
    private static final String UNLIMITED = "unlimited";

    private final long pid;
    /** The limits before and during the command, as prlimit takes them; null if the limit was not raised. */
    private final @Nullable String before;

    private final @Nullable String raised;
    /** Null if the limit was not raised. */
    private final @Nullable ExitCleanup atExit;

    private RaisedLimit(long pid, @Nullable String before, @Nullable String raised) {
        this.pid = pid;
        this.before = before;
        this.raised = raised;
        this.atExit = before == null ? null : new ExitCleanup(this::putBackAtExit);
    }

    /** @param make raise the limit if there are fewer left */
    static RaisedLimit in(ProcFs proc, long pid, int descriptors, boolean make) {
        var process = proc.process(pid);
        var limit = process.limit();
        long open = process.open().orElse(0);
        if (limit.isEmpty() || limit.getAsLong() - open >= descriptors) {
            return new RaisedLimit(pid, null, null);
        }
        String hard = hardLimit(process);
        long more = Math.max(limit.getAsLong(), open) + MORE;
        // Up to the hard limit no root rights are needed.
        long most = hard.equals(UNLIMITED) ? more : Long.parseLong(hard);
        String raised = most >= open + descriptors ? Math.min(more, most) + ":" + hard : more + ":" + more;
        String command = "prlimit --pid " + pid + " --nofile=" + raised;
        String back = limit.getAsLong() + ":" + hard;
        if (!make) {
            throw new CliException(
                    ExitCode.FAILED,
                    "process " + pid + " has " + open + " of " + limit.getAsLong()
                            + " descriptors open; "
                            + "to answer it needs " + descriptors
                            + " more. Keep traffic away from it for "
                            + "a moment; or raise"
                            + " its limit" + (raised.endsWith(":" + hard) ? "" : " as root") + ": " + command
                            + ", afterwards back with --nofile="
                            + back + "; the option --make-room does both. The command scan works now");
        }
        var room = new RaisedLimit(pid, back, raised);
        String failure = run(pid, raised);
        if (failure != null) {
            Objects.requireNonNull(room.atExit).close();
            throw new CliException(
                    ExitCode.FAILED,
                    "process " + pid + " has " + open + " of " + limit.getAsLong()
                            + " descriptors open, and its"
                            + " limit cannot be raised (" + command + "): " + failure
                            + ". Keep traffic away from it for a moment");
        }
        return room;
    }

    private static String hardLimit(ProcProcess process) {
        DescriptorLimit limit = process.descriptorLimit();
        return limit == null || limit.hard() == DescriptorLimit.UNLIMITED ? UNLIMITED : Long.toString(limit.hard());
    }

    /** The reason of a failure; null if it was done. */
    private static @Nullable String run(long pid, @Nullable String limits) {
        try {
            var prlimit = new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--nofile=" + limits)
                    .redirectErrorStream(true)
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

    /** The change for the agent; null if the limit was not raised. */
    WireCodec.@Nullable LimitChange change() {
        return before == null ? null : new WireCodec.LimitChange(soft(Objects.requireNonNull(raised)), soft(before));
    }

    private static long soft(String limits) {
        return Long.parseLong(limits.substring(0, limits.indexOf(':')));
    }

    private void putBackAtExit() {
        String failure = putBack();
        if (failure != null) {
            System.err.println(failure);
        }
    }

    /** Restores the limit; returns the reason if that fails. */
    private @Nullable String putBack() {
        String failure = run(pid, before);
        return failure == null || !ProcFs.SYSTEM.process(pid).alive()
                ? null
                : "the descriptor limit of process " + pid + " was raised and could not be restored: " + failure
                        + ". Do it with: prlimit --pid " + pid + " --nofile=" + before;
    }

    /** Restores the limit. */
    @Override
    public void close() {
        if (before != null) {
            String failure = putBack();
            Objects.requireNonNull(atExit).close();
            if (failure != null) {
                throw new CliException(ExitCode.FAILED, failure);
            }
        }
    }
}
