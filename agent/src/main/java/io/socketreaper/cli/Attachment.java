package io.socketreaper.cli;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.socketreaper.procfs.ProcFs;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A connection to a running JVM by the JDK's attach mechanism, which waits for ever if that JVM stops in between: every wait
 * is
 * bounded here. Must not be loaded unless {@link AttachCheck#hasModule}.
 */
final class Attachment implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** The most bytes that JDK 17 passes to an agent; more fails with a message that does not name the cause. */
    private static final int LONGEST = 1024;

    private final long pid;
    private final VirtualMachine machine;
    /** Needed for each request, because each is a connection of its own. */
    private final AttachLink link;

    private Attachment(long pid, VirtualMachine machine, AttachLink link) {
        this.pid = pid;
        this.machine = machine;
        this.link = link;
    }

    static Attachment to(ProcFs proc, long pid) {
        var link = AttachLink.to(proc, pid);
        try {
            return new Attachment(pid, bounded(pid, PATIENCE, () -> VirtualMachine.attach(Long.toString(pid))), link);
        } catch (CliException e) {
            link.close();
            throw link.advice(pid)
                    .map(advice -> new CliException(e.exit(), e.getMessage() + "; " + advice, e))
                    .orElse(e);
        }
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

    /** What the JVM says of its heap: the answer to {@code GC.heap_info}. */
    String heapInfo() {
        return bounded(pid, PATIENCE, () -> said("executeJCmd", String.class, "GC.heap_info"));
    }

    /**
     * Begins to write the live objects to a file, after a full collection; the result is what the JVM says at the end.
     *
     * @param file as that JVM sees it; must not exist
     */
    Future<String> dumpHeap(String file) {
        return DaemonTask.start(
                "heap dump of " + pid, () -> said("dumpHeap", Object[].class, new Object[] {file, "-live"}));
    }

    /** Calls a method that the JDK's own jcmd calls, too; the jar's manifest exports its package to this tool. */
    private String said(String method, Class<?> parameter, Object argument) throws Exception {
        try {
            var type = Class.forName(
                    "sun.tools.attach.HotSpotVirtualMachine",
                    false,
                    machine.getClass().getClassLoader());
            try (var in = (InputStream) type.getMethod(method, parameter).invoke(machine, argument)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new CliException(
                    ExitCode.FAILED,
                    "this Java (" + System.getProperty("java.home") + ") cannot ask another JVM for a heap dump: " + e
                            + ". Take one with jcmd " + pid + " GC.heap_dump FILE.hprof, and see: holders FILE.hprof",
                    e);
        }
    }

    /** The failure of a task of this connection, for the user. */
    CliException failure(ExecutionException e) {
        return explained(pid, Objects.requireNonNull(e.getCause()));
    }

    @Override
    public void close() {
        try {
            machine.detach();
        } catch (IOException alreadyGone) {
            // as intended
        }
        link.close();
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
        if (cause instanceof CliException said) {
            return said;
        }
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
