package io.socketreaper.testapp.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.function.Predicate;

/** What {@code status PID --json} says of the agent in a child JVM. */
public final class AgentStatus {
    private final JsonObject fields;

    public AgentStatus(JsonObject fields) {
        this.fields = fields;
    }

    public static AgentStatus of(ChildJvm child) {
        return new AgentStatus(Tool.json("status", Long.toString(child.pid())).getAsJsonObject());
    }

    /** Asks until the answer is as it should be. */
    public static AgentStatus await(ChildJvm child, String what, Predicate<AgentStatus> wanted) {
        return new AgentStatus(Tool.await(
                        child,
                        what,
                        status -> wanted.test(new AgentStatus(status.getAsJsonObject())),
                        "status",
                        Long.toString(child.pid()))
                .getAsJsonObject());
    }

    /** Asks until so many leaks of a kind have been found, are held and have been released. */
    public static void awaitCounts(ChildJvm child, String kind, int found, int held, int released) {
        await(
                child,
                kind + ": " + found + " found, " + held + " held, " + released + " released",
                status -> status.count(kind, "found") == found
                        && status.count(kind, "held") == held
                        && status.count(kind, "released") == released);
    }

    public long count(String kind, String what) {
        return fields.getAsJsonObject("byKind").getAsJsonObject(kind).get(what).getAsLong();
    }

    public long total(String what) {
        return fields.getAsJsonObject("total").get(what).getAsLong();
    }

    public long number(String field) {
        return fields.get(field).getAsLong();
    }

    public boolean flag(String field) {
        return fields.get(field).getAsBoolean();
    }

    /** Returns how many open descriptors are of that use. */
    public long descriptors(String use) {
        return fields.getAsJsonObject("descriptors").get(use).getAsLong();
    }

    /** Returns the state of a socket stack, and why it is off or waits: {@code watched}, {@code waiting: few descriptors}. */
    public String stack(String name) {
        var stack = named("stacks", name);
        var why = stack.get("why").getAsString();
        return stack.get("state").getAsString() + (why.isEmpty() ? "" : ": " + why);
    }

    /** Returns the value of a setting and where it comes from: {@code 500ms (agent argument)}. */
    public String setting(String name) {
        var setting = named("settings", name);
        return setting.get("value").getAsString() + " (" + setting.get("origin").getAsString() + ")";
    }

    public List<String> problems() {
        return fields.getAsJsonArray("problems").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    private JsonObject named(String list, String name) {
        for (var each : fields.getAsJsonArray(list)) {
            if (each.getAsJsonObject().get("name").getAsString().equals(name)) {
                return each.getAsJsonObject();
            }
        }
        throw new AssertionError("no " + name + " among the " + list + " of " + fields);
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
