package io.socketreaper.testapp.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.stream.StreamSupport;

/** One JSON line of the agent's log; {@code docs/events.md} has the events and their fields. */
public final class LoggedEvent {
    private final JsonObject fields;

    private LoggedEvent(JsonObject fields) {
        this.fields = fields;
    }

    /** Returns the event that the line is, null if it is none. */
    public static LoggedEvent parse(String line) {
        if (!line.startsWith("{\"time\":")) {
            return null;
        }
        try {
            return new LoggedEvent(JsonParser.parseString(line).getAsJsonObject());
        } catch (JsonParseException | IllegalStateException noEvent) {
            return null;
        }
    }

    public String name() {
        return text("event");
    }

    public String message() {
        return text("message");
    }

    /** Returns whether anything is known for the field. */
    public boolean has(String field) {
        return fields.has(field);
    }

    /** Returns the field as text, empty if it is left out. */
    public String text(String field) {
        return has(field) ? fields.get(field).getAsString() : "";
    }

    /** Returns a number of the event; fails if it is left out. */
    public long number(String field) {
        if (!has(field)) {
            throw new AssertionError("no " + field + " in " + this);
        }
        return fields.get(field).getAsLong();
    }

    /** Returns a list of the event, empty if it is left out. */
    public List<String> list(String field) {
        return has(field)
                ? StreamSupport.stream(fields.getAsJsonArray(field).spliterator(), false)
                        .map(JsonElement::getAsString)
                        .toList()
                : List.of();
    }

    @Override
    public String toString() {
        return fields.toString();
    }
}
