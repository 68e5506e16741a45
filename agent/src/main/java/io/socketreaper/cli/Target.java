package io.socketreaper.cli;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import io.socketreaper.control.Control;
import io.socketreaper.control.History;
import io.socketreaper.control.ReleaseAnswer;
import io.socketreaper.control.SiteInfo;
import io.socketreaper.control.SocketInfo;
import io.socketreaper.control.Status;
import io.socketreaper.proc.ProcFs;
import java.io.IOException;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

/**
 * A JVM that can be asked, from outside: each request is an attach of this same jar with a command instead of settings, see
 * {@link io.socketreaper.control.Commands}. What cannot be done is a {@link CliException}.
 */
final class Target implements Control, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What is being released comes to its end first. */
    private static final Duration DETACH_PATIENCE = Duration.ofSeconds(75);
    private static final int OLDEST_JAVA = 17;
    /** The first that warns of agents that come late, JEP 451. */
    private static final int WARNING_JAVA = 21;

    private final long pid;
    private final Attachment attachment;
    private final Properties properties;
    private final TargetFiles files;
    private final Gson gson = new Gson();

    private Target(ProcFs proc, long pid, Attachment attachment) {
        this.pid = pid;
        this.attachment = attachment;
        this.properties = attachment.properties();
        this.files = new TargetFiles(proc, pid, properties);
    }

    /** A JVM that the agent is in. */
    static Target open(ProcFs proc, long pid) {
        var target = reach(proc, pid);
        if (target.agent() == null) {
            target.close();
            throw new CliException(Exit.NO_AGENT, "Socket Reaper is not in process " + pid + "; bring it there with: attach " + pid);
        }
        return target;
    }

    /** A JVM, with the agent or without. */
    static Target reach(ProcFs proc, long pid) {
        Reach.check(proc, pid);
        var attachment = Attachment.to(pid);
        try {
            var target = new Target(proc, pid, attachment);
            if (target.feature() < OLDEST_JAVA) {
                throw new CliException(Exit.FAILED, "process " + pid + " runs on Java " + target.properties.getProperty("java.version")
                        + "; Socket Reaper needs " + OLDEST_JAVA + " or newer. The command scan works for any process");
            }
            return target;
        } catch (RuntimeException e) {
            attachment.close();
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
        return feature() >= WARNING_JAVA;
    }

    TargetFiles files() {
        return files;
    }

    // -- What can be asked

    @Override
    public Status status() {
        return gson.fromJson(ask("status"), Status.class);
    }

    @Override
    public List<SiteInfo> sites() {
        return gson.fromJson(ask("sites"), listOf(SiteInfo.class));
    }

    @Override
    public List<SocketInfo> sockets(String site, int atMost) {
        String limit = "limit=" + atMost;
        return gson.fromJson(site == null ? ask("sockets", limit) : ask("sockets", "site=" + site, limit), listOf(SocketInfo.class));
    }

    @Override
    public History history() {
        return gson.fromJson(ask("history"), History.class);
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

    /** A verb and its arguments, {@code key=value}; the result as it came. */
    JsonElement ask(String verb, String... arguments) {
        try (var reply = Reply.in(files)) {
            load(reply, verb, arguments, verb.equals("detach") ? DETACH_PATIENCE : PATIENCE);
            return result(pid, reply.read());
        } catch (IOException e) {
            throw new CliException(Exit.FAILED, "the answer of process " + pid + " cannot be read: " + e, e);
        }
    }

    private void load(Reply reply, String verb, String[] arguments, Duration patience) {
        var command = new StringBuilder("!").append(reply.name()).append('\n').append(verb);
        for (String argument : arguments) {
            if (argument.indexOf('\n') >= 0) {
                throw new CliException(Exit.USAGE, "a value must be on one line");
            }
            command.append('\n').append(argument);
        }
        attachment.load(files.jar().there(), command.toString(), patience);
    }

    /** What is in an answer. */
    static JsonElement result(long pid, String answer) {
        JsonObject json;
        try {
            json = JsonParser.parseString(answer).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new CliException(Exit.FAILED, "the agent in process " + pid + " has not answered; that process's standard error may"
                    + " say why", e);
        }
        if (json.has("error")) {
            throw new CliException(Exit.REFUSED, json.get("error").getAsString());
        }
        return json.get("result");
    }

    private static Type listOf(Class<?> element) {
        return TypeToken.getParameterized(List.class, element).getType();
    }

    @Override
    public void close() {
        attachment.close();
    }
}
