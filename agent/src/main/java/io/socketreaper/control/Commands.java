package io.socketreaper.control;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the command line asks of an agent in another JVM: a verb, then lines of {@code key=value}; the answer is JSON, {@code
 * result} or
 * {@code error}.
 *
 * <pre>
 * status
 * sites
 * sockets    [site=ID] [limit=N, 100 by default]
 * history
 * all        [limit=N, 100 by default]
 * release    id=N | site=ID   action=drain|close
 * set        settings=key=value,key=value
 * pause
 * resume
 * detach
 * stream     file=PATH every=MILLISECONDS [limit=N, 20 by default]
 * </pre>
 *
 * <p>Any may have {@code room=RAISED/REAL}: the limit of descriptors, which was raised so that the command can be answered.
 *
 * <p>{@code stream} answers at once and then writes a {@link AgentView} to the file over and over, see {@link AnswerStreams}. {@code
 * attach} is no
 * command of these: {@code agent.Agent} knows it, as it comes before the agent does.
 */
public final class Commands {
    private static final int DEFAULT_LIMIT = 100;
    private static final int STREAM_LIMIT = 20;

    private final Control control;
    private final AnswerStreams streams;
    private final Gson gson = new Gson();

    public Commands(Control control, AnswerStreams streams) {
        this.control = control;
        this.streams = streams;
    }

    /** Never throws. */
    public String run(String command) {
        var answer = new JsonObject();
        try {
            String[] lines = command.split("\n");
            var arguments = new HashMap<String, String>();
            for (int i = 1; i < lines.length; i++) {
                int equals = lines[i].indexOf('=');
                arguments.put(lines[i].substring(0, Math.max(0, equals)), lines[i].substring(equals + 1));
            }
            room(arguments.get("room"));
            answer.add("result", result(lines[0], arguments));
        } catch (ControlException refused) {
            answer.addProperty("error", refused.getMessage());
        } catch (RuntimeException | LinkageError failed) {
            answer.addProperty("error", "the agent failed to answer: " + failed);
        }
        return gson.toJson(answer);
    }

    private JsonElement result(String verb, Map<String, String> arguments) {
        return switch (verb) {
            case "status" -> gson.toJsonTree(control.status());
            case "sites" -> gson.toJsonTree(control.sites());
            case "sockets" -> gson.toJsonTree(control.sockets(arguments.get("site"), limit(arguments, DEFAULT_LIMIT)));
            case "all" ->
                gson.toJsonTree(new AgentView(
                        control.status(),
                        control.sites(),
                        control.sockets(null, limit(arguments, DEFAULT_LIMIT)),
                        control.history()));
            case "history" -> gson.toJsonTree(control.history());
            case "release" -> gson.toJsonTree(release(arguments));
            case "set" -> gson.toJsonTree(control.set(arguments.get("settings")));
            case "pause" -> {
                control.pause();
                yield gson.toJsonTree("paused");
            }
            case "resume" -> {
                control.resume();
                yield gson.toJsonTree("resumed");
            }
            case "stream" -> {
                streams.start(
                        Path.of(required("file", arguments)),
                        number("every", arguments.get("every")),
                        limit(arguments, STREAM_LIMIT));
                yield gson.toJsonTree("streaming");
            }
            case "detach" -> gson.toJsonTree(control.detach());
            default ->
                throw new ControlException("the agent in that JVM does not know the command \"" + verb
                        + "\"; it may be of another version");
        };
    }

    private ReleaseAnswer release(Map<String, String> arguments) {
        String action = arguments.getOrDefault("action", "drain");
        String site = arguments.get("site");
        if (site != null) {
            return control.releaseSite(site, action);
        }
        return control.releaseSocket(number("id", arguments.get("id")), action);
    }

    private void room(String limits) {
        if (limits != null) {
            int slash = limits.indexOf('/');
            control.room(
                    number("room", limits.substring(0, Math.max(0, slash))),
                    number("room", limits.substring(slash + 1)));
        }
    }

    private static String required(String name, Map<String, String> arguments) {
        String value = arguments.get(name);
        if (value == null) {
            throw new ControlException(name + "= is missing");
        }
        return value;
    }

    private static int limit(Map<String, String> arguments, int byDefault) {
        String text = arguments.get("limit");
        long limit = text == null ? byDefault : number("limit", text);
        if (limit < 1 || limit > Integer.MAX_VALUE) {
            throw new ControlException("bad value \"" + text + "\" of limit: write a number from 1 on");
        }
        return (int) limit;
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(String.valueOf(text));
        } catch (NumberFormatException bad) {
            throw new ControlException("bad value \"" + text + "\" of " + name + ": write a number");
        }
    }
}
