package io.socketreaper.control;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.Map;

/**
 * What the command line asks of an agent in another JVM: a verb, then lines of {@code key=value}; the answer is JSON, {@code result} or
 * {@code error}.
 *
 * <pre>
 * status
 * sites
 * sockets    [site=ID] [limit=N, 100 by default]
 * history
 * release    id=N | site=ID   action=drain|close
 * set        settings=key=value,key=value
 * pause
 * resume
 * detach
 * </pre>
 */
public final class Commands {
    private static final int DEFAULT_LIMIT = 100;

    private final Control control;
    private final Gson gson = new Gson();

    public Commands(Control control) {
        this.control = control;
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
            case "sockets" -> gson.toJsonTree(control.sockets(arguments.get("site"), limit(arguments.get("limit"))));
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
            case "detach" -> gson.toJsonTree(control.detach());
            default -> throw new ControlException("the agent in that JVM does not know the command \"" + verb
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

    private static int limit(String text) {
        long limit = text == null ? DEFAULT_LIMIT : number("limit", text);
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
