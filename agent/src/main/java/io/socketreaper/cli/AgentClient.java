package io.socketreaper.cli;

import io.socketreaper.bootstrap.Agent;
import io.socketreaper.control.ControlException;
import io.socketreaper.control.HoldersNote;
import io.socketreaper.control.Request;
import io.socketreaper.control.WireCodec;
import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Asks an agent in another JVM: each request is an attach of this same jar with a {@link Request} instead of settings. A failure
 * is thrown as a {@link CliException}.
 */
final class AgentClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What is being released comes to its end first. */
    private static final Duration DETACH_PATIENCE = Duration.ofSeconds(75);

    private static final int OLDEST_JAVA = 17;
    /** The first Java that warns when an agent is loaded into a running JVM, JEP 451. */
    private static final int WARNING_JAVA = 21;

    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";

    private final long pid;
    private final ProcProcess process;
    private final RaisedLimit limit;
    private final Attachment attachment;
    private final Properties properties;
    private final TargetFiles files;

    private AgentClient(ProcFs proc, long pid, RaisedLimit limit, Attachment attachment) {
        this.pid = pid;
        this.process = proc.process(pid);
        this.limit = limit;
        this.attachment = attachment;
        this.properties = attachment.properties();
        this.files = new TargetFiles(proc, pid, properties);
    }

    /**
     * Attaches to a JVM that the agent is in.
     *
     * @param makeRoom raise its limit of descriptors meanwhile if it has none left
     */
    static AgentClient open(ProcFs proc, long pid, boolean makeRoom) {
        var client = connect(proc, pid, RaisedLimit.FOR_A_COMMAND, makeRoom);
        if (client.agentState() == null) {
            client.close();
            throw new CliException(
                    ExitCode.NO_AGENT, "Socket Reaper is not in process " + pid + "; load it with: attach " + pid);
        }
        return client;
    }

    /** Attaches to a JVM, whether the agent is in it or not. */
    static AgentClient connect(ProcFs proc, long pid, boolean makeRoom) {
        return connect(proc, pid, RaisedLimit.FOR_AN_ATTACH, makeRoom);
    }

    /** Attaches to a JVM, whether the agent is in it or not, and loads no agent: that takes fewer descriptors. */
    static AgentClient visit(ProcFs proc, long pid, boolean makeRoom) {
        return connect(proc, pid, RaisedLimit.FOR_A_COMMAND, makeRoom);
    }

    private static AgentClient connect(ProcFs proc, long pid, int descriptors, boolean makeRoom) {
        Attachability.check(proc, pid);
        var limit = RaisedLimit.in(proc, pid, descriptors, makeRoom);
        Attachment attachment = null;
        try {
            attachment = Attachment.to(proc, pid);
            var client = new AgentClient(proc, pid, limit, attachment);
            if (client.feature() < OLDEST_JAVA) {
                throw new CliException(
                        ExitCode.FAILED,
                        "process " + pid + " runs on Java "
                                + client.properties.getProperty("java.version")
                                + "; Socket Reaper needs " + OLDEST_JAVA
                                + " or newer. The command scan works for any process");
            }
            return client;
        } catch (RuntimeException e) {
            if (attachment != null) {
                attachment.close();
            }
            limit.close();
            throw e;
        }
    }

    long pid() {
        return pid;
    }

    /** Its system properties. */
    Properties properties() {
        return properties;
    }

    /** The version and state that the agent publishes, e.g. {@code 0.1.0 watching}; null if there is no agent. */
    String agentState() {
        return properties.getProperty(Jvms.AGENT_PROPERTY);
    }

    /** Its Java, e.g. 17. */
    int feature() {
        String version = properties.getProperty("java.specification.version", "0");
        try {
            return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Whether the JVM prints a warning when an agent is loaded, unless it was started with an option that hides it. */
    boolean warns() {
        return feature() >= WARNING_JAVA && !AttachCheck.isTold(process, EXPECTED);
    }

    Attachment attachment() {
        return attachment;
    }

    TargetFiles files() {
        return files;
    }

    /** Sends a request and waits for its answer. */
    <R> R ask(Request<R> request) {
        Duration patience = request instanceof Request.Detach ? DETACH_PATIENCE : PATIENCE;
        try (var reply = ReplyFile.in(files)) {
            load(reply, null, request, patience);
            return answer(pid, reply.read(), request.answerType());
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "the answer of process " + pid + " cannot be read: " + e, e);
        }
    }

    /** Has the agent keep what {@code holders} has found, for its page and for reports. */
    void keep(HoldersNote note) {
        try (var file = ReplyFile.holding(files, WireCodec.bytes(note))) {
            ask(new Request.KeepHolders(file.name()));
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "no file for process " + pid + " can be written: " + e, e);
        }
    }

    /** Loads the agent, and has it write its view to a file repeatedly, each time with the settled status. */
    AnswerStream attach(String settings, Duration every, int sockets) {
        return openStream(settings, every, sockets);
    }

    /** Has the agent write its view to a file repeatedly. */
    AnswerStream stream(Duration every, int sockets) {
        return openStream(null, every, sockets);
    }

    private AnswerStream openStream(@Nullable String settings, Duration every, int sockets) {
        var reply = ReplyFile.in(files);
        try {
            load(
                    reply,
                    settings,
                    new Request.Stream(reply.name(), every.toMillis(), sockets, settings != null),
                    PATIENCE);
            return new AnswerStream(pid, reply, every);
        } catch (RuntimeException e) {
            reply.close();
            throw e;
        }
    }

    private void load(ReplyFile reply, @Nullable String settings, Request<?> request, Duration patience) {
        String message = Agent.message(reply.name(), settings, WireCodec.write(request, limit.change()));
        attachment.load(files.jar().there(), message, patience);
    }

    /** Reads an answer, which must be there. */
    static <R> R answer(long pid, String text, Type type) {
        R answer;
        try {
            answer = WireCodec.answer(text, type);
        } catch (ControlException refused) {
            throw new CliException(ExitCode.REFUSED, refused.getMessage(), refused);
        }
        if (answer == null) {
            throw new CliException(
                    ExitCode.FAILED,
                    "the agent in process " + pid + " has not answered; that process's standard error may say why");
        }
        return answer;
    }

    @Override
    public void close() {
        attachment.close();
        limit.close();
    }
}
