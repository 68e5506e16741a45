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

/** Descriptors of a process for being asked: a JVM that has none left does not answer, and may never do so again. */
final class RaisedLimit implements AutoCloseable {
    /** It takes 3, keeps 2 (measured), and the self-tests open sockets of their own. */
    static final int FOR_AN_ATTACH = 8;

    static final int FOR_A_COMMAND = 3;
    /** So much that a program that takes each descriptor it gets leaves some meanwhile. */
    private static final long MORE = 256;

    private static final long PATIENCE_SECONDS = 5;
    private static final String UNLIMITED = "unlimited";

    private final long pid;
    /** What to put back, and what it is meanwhile, as prlimit takes it; null for nothing. */
    private final @Nullable String before;

    private final @Nullable String raised;
    /** Null for nothing. */
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
        // Within the hard limit, as far as it goes, nobody need be root.
        long most = hard.equals(UNLIMITED) ? more : Long.parseLong(hard);
        String raised = most >= open + descriptors ? Math.min(more, most) + ":" + hard : more + ":" + more;
        String command = "prlimit --pid " + pid + " --nofile=" + raised;
        String back = limit.getAsLong() + ":" + hard;
        if (!make) {
            throw new CliException(
                    ExitCode.FAILED,
                    "process " + pid + " has " + open + " of " + limit.getAsLong()
                            + " descriptors open; "
                            + "to be asked it needs " + descriptors
                            + " more, and would not answer. Keep traffic away from it for "
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

    /** Why not; null if it was done. */
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

    /** What the agent is told about it; null if nothing was raised. */
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

    /** Puts the limit back; what is wrong if that fails. */
    private @Nullable String putBack() {
        String failure = run(pid, before);
        return failure == null || !ProcFs.SYSTEM.process(pid).alive()
                ? null
                : "the limit of descriptors of process " + pid + " was raised and could not be put back: " + failure
                        + ". Do it with: prlimit --pid " + pid + " --nofile=" + before;
    }

    /** Puts the limit back. */
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
