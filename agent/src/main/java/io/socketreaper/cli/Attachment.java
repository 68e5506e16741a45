package io.socketreaper.cli;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A connection to a running JVM by the JDK's attach mechanism, which waits for ever if that JVM stops in between: every wait
 * is
 * bounded here. Must not be loaded unless {@link AttachApi#isThere}.
 */
final class Attachment implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** The most bytes that JDK 17 passes to an agent; more fails with a message that does not name the cause. */
    private static final int LONGEST = 1024;

    private final long pid;
    private final VirtualMachine machine;

    private Attachment(long pid, VirtualMachine machine) {
        this.pid = pid;
        this.machine = machine;
    }

    static Attachment to(long pid) {
        return new Attachment(pid, bounded(pid, PATIENCE, () -> VirtualMachine.attach(Long.toString(pid))));
    }

    Properties properties() {
        return bounded(pid, PATIENCE, machine::getSystemProperties);
    }

    /** @param jar as that JVM sees it */
    void load(String jar, String options, Duration patience) {
        if ((jar + "=" + options).getBytes(StandardCharsets.UTF_8).length >= LONGEST) {
            throw new CliException(
                    ExitCode.USAGE,
                    "that is too long to be passed to a running JVM, which takes " + LONGEST
                            + " bytes: set less at a time, or attach with config=FILE");
        }
        bounded(pid, patience, () -> {
            machine.loadAgent(jar, options);
            return null;
        });
    }

    @Override
    public void close() {
        try {
            machine.detach();
        } catch (IOException alreadyGone) {
            // as intended
        }
    }

    /** Waits for a call; one that has not ended in time is left behind in a daemon thread. */
    private static <T> T bounded(long pid, Duration patience, Callable<T> task) {
        try {
            return DaemonTask.start("attach to " + pid, task).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CliException(
                    ExitCode.NO_PROCESS,
                    "process " + pid + " has not answered within " + patience.toSeconds()
                            + " s: it is stopped, in a long garbage collection, or out of descriptors; as far as is known, nothing"
                            + " was changed",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.FAILED, "interrupted", e);
        } catch (ExecutionException e) {
            throw explained(pid, Objects.requireNonNull(e.getCause()));
        }
    }

    private static CliException explained(long pid, Throwable cause) {
        String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        if (cause instanceof AttachNotSupportedException) {
            return new CliException(
                    ExitCode.NO_PROCESS, "process " + pid + " does not allow an attach: " + said, cause);
        }
        if (cause instanceof AgentLoadException || cause instanceof AgentInitializationException) {
            return new CliException(
                    ExitCode.FAILED,
                    "process " + pid + " has not loaded the agent's jar: " + said
                            + "; its standard error may have the reason",
                    cause);
        }
        if (cause instanceof IOException) {
            return new CliException(ExitCode.NO_PROCESS, "process " + pid + " does not answer: " + said, cause);
        }
        return new CliException(ExitCode.FAILED, "attaching to process " + pid + " failed: " + cause, cause);
    }
}
