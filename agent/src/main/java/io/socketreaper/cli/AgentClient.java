package io.socketreaper.cli;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import io.socketreaper.control.AgentView;
import io.socketreaper.control.Control;
import io.socketreaper.control.History;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * A JVM that can be asked, from outside: each request is an attach of this same jar with a command instead of settings, see
 * {@link io.socketreaper.control.Commands}. What cannot be done is a {@link CliException}.
 */
final class AgentClient implements Control, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What is being released comes to its end first. */
    private static final Duration DETACH_PATIENCE = Duration.ofSeconds(75);

    private static final int OLDEST_JAVA = 17;
    /** The first that warns of agents that come late, JEP 451. */
    private static final int WARNING_JAVA = 21;

    private static final String EXPECTED = "-XX:+EnableDynamicAgentLoading";

    private final long pid;
    private final ProcProcess process;
    private final RaisedLimit room;
    private final Attachment attachment;
    private final Properties properties;
    private final TargetFiles files;
    private final Gson gson = new Gson();

    private AgentClient(ProcFs proc, long pid, RaisedLimit room, Attachment attachment) {
        this.pid = pid;
        this.process = proc.process(pid);
        this.room = room;
        this.attachment = attachment;
        this.properties = attachment.properties();
        this.files = new TargetFiles(proc, pid, properties);
    }

    /** A JVM that the agent is in. */
    static AgentClient open(ProcFs proc, long pid) {
        return open(proc, pid, false);
    }

    /** @param makeRoom raise its limit of descriptors meanwhile if it has none left */
    static AgentClient open(ProcFs proc, long pid, boolean makeRoom) {
        var target = reach(proc, pid, RaisedLimit.FOR_A_COMMAND, makeRoom);
        if (target.agent() == null) {
            target.close();
            throw new CliException(
                    ExitCode.NO_AGENT,
                    "Socket Reaper is not in process " + pid + "; bring it there with: attach " + pid);
        }
        return target;
    }

    /** A JVM that the agent is to come to. */
    static AgentClient reach(ProcFs proc, long pid, boolean makeRoom) {
        return reach(proc, pid, RaisedLimit.FOR_AN_ATTACH, makeRoom);
    }

    private static AgentClient reach(ProcFs proc, long pid, int descriptors, boolean makeRoom) {
        Attachability.check(proc, pid);
        var room = RaisedLimit.in(proc, pid, descriptors, makeRoom);
        Attachment attachment = null;
        try {
            attachment = Attachment.to(pid);
            var target = new AgentClient(proc, pid, room, attachment);
            if (target.feature() < OLDEST_JAVA) {
                throw new CliException(
                        ExitCode.FAILED,
                        "process " + pid + " runs on Java "
                                + target.properties.getProperty("java.version")
                                + "; Socket Reaper needs " + OLDEST_JAVA
                                + " or newer. The command scan works for any process");
            }
            return target;
        } catch (RuntimeException e) {
            if (attachment != null) {
                attachment.close();
            }
            room.close();
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

    /** What the agent says of itself, e.g. {@code 0.1.0 watching}; null if there is none. */
    String agent() {
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

    TargetFiles files() {
        return files;
    }

    // -- What can be asked

    @Override
    public Status status() {
        return status(ask("status"));
    }

    Status status(JsonElement result) {
        return gson.fromJson(result, Status.class);
    }

    @Override
    public List<SiteInfo> sites() {
        return sites(ask("sites"));
    }

    List<SiteInfo> sites(JsonElement result) {
        return gson.fromJson(result, listOf(SiteInfo.class));
    }

    @Override
    public List<SocketInfo> sockets(String site, int atMost) {
        String limit = "limit=" + atMost;
        return sockets(site == null ? ask("sockets", limit) : ask("sockets", "site=" + site, limit));
    }

    List<SocketInfo> sockets(JsonElement result) {
        return gson.fromJson(result, listOf(SocketInfo.class));
    }

    @Override
    public History history() {
        return gson.fromJson(ask("history"), History.class);
    }

    /** All of it by one request, because each makes the JVM print its warning. */
    AgentView all(int sockets) {
        return gson.fromJson(ask("all", "limit=" + sockets), AgentView.class);
    }

    @Override
    public ReleaseAnswer releaseSocket(long socket, String action) {
        return gson.fromJson(ask("release", "id=" + socket, "action=" + action), ReleaseAnswer.class);
    }

    @Override
    public ReleaseAnswer releaseSite(String site, String action) {
        return gson.fromJson(ask("release", "site=" + site, "action=" + action), ReleaseAnswer.class);
    }

    @Override
    public String set(String settings) {
        return ask("set", "settings=" + settings).getAsString();
    }

    @Override
    public void pause() {
        ask("pause");
    }

    @Override
    public void resume() {
        ask("resume");
    }

    @Override
    public String detach() {
        return ask("detach").getAsString();
    }

    /** Brings the agent, and looks at it again and again. */
    AnswerStream attach(String settings, Duration every, int sockets) {
        return feed("attach", new String[] {settings, "stream"}, every, sockets);
    }

    /** Looks at the agent again and again. */
    AnswerStream stream(Duration every, int sockets) {
        return feed("stream", new String[0], every, sockets);
    }

    private AnswerStream feed(String verb, String[] more, Duration every, int sockets) {
        var reply = ReplyFile.in(files);
        try {
            var arguments = new ArrayList<>(List.of(more));
            arguments.addAll(List.of("file=" + reply.name(), "every=" + every.toMillis(), "limit=" + sockets));
            load(reply, verb, arguments.toArray(String[]::new), PATIENCE);
            return new AnswerStream(pid, reply, every);
        } catch (RuntimeException e) {
            reply.close();
            throw e;
        }
    }

    /** A verb and its arguments, {@code key=value}; the result as it came. */
    JsonElement ask(String verb, String... arguments) {
        try (var reply = ReplyFile.in(files)) {
            load(reply, verb, arguments, verb.equals("detach") ? DETACH_PATIENCE : PATIENCE);
            return result(pid, reply.read());
        } catch (IOException e) {
            throw new CliException(ExitCode.FAILED, "the answer of process " + pid + " cannot be read: " + e, e);
        }
    }

    private void load(ReplyFile reply, String verb, String[] arguments, Duration patience) {
        var command = new StringBuilder("!").append(reply.name()).append('\n').append(verb);
        for (String argument : arguments) {
            if (argument.indexOf('\n') >= 0) {
                throw new CliException(ExitCode.USAGE, "a value must be on one line");
            }
            command.append('\n').append(argument);
        }
        if (room.raised() != null) {
            command.append("\nroom=").append(room.raised());
        }
        attachment.load(files.jar().there(), command.toString(), patience);
    }

    /** What is in an answer. */
    static JsonElement result(long pid, String answer) {
        JsonObject json = parsed(answer);
        if (json == null) {
            throw new CliException(
                    ExitCode.FAILED,
                    "the agent in process " + pid
                            + " has not answered; that process's standard error may"
                            + " say why");
        }
        if (json.has("error")) {
            throw new CliException(ExitCode.REFUSED, json.get("error").getAsString());
        }
        return json.get("result");
    }

    /** Null if it is not all there. */
    static JsonObject parsed(String answer) {
        try {
            return JsonParser.parseString(answer).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            return null;
        }
    }

    private static Type listOf(Class<?> element) {
        return TypeToken.getParameterized(List.class, element).getType();
    }

    @Override
    public void close() {
        attachment.close();
        room.close();
    }
}
