package io.socketreaper.testapp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.stream.StreamSupport;

/** One JSON line of the agent's log; {@code docs/events.md} has the events and their fields. */
final class LoggedEvent {
    private final JsonObject fields;

    private LoggedEvent(JsonObject fields) {
        this.fields = fields;
    }

    /** Returns the event that the line is, null if it is none. */
    static LoggedEvent parse(String line) {
        if (!line.startsWith("{\"time\":")) {
            return null;
        }
        try {
            return new LoggedEvent(JsonParser.parseString(line).getAsJsonObject());
        } catch (JsonParseException | IllegalStateException noEvent) {
            return null;
        }
    }

    String name() {
        return text("event");
    }

    String message() {
        return text("message");
    }

    /** Returns whether anything is known for the field. */
    boolean has(String field) {
        return fields.has(field);
    }

    /** Returns the field as text, empty if it is left out. */
    String text(String field) {
        return has(field) ? fields.get(field).getAsString() : "";
    }

    /** Returns a number of the event; fails if it is left out. */
    long number(String field) {
        if (!has(field)) {
            throw new AssertionError("no " + field + " in " + this);
        }
        return fields.get(field).getAsLong();
    }

    /** Returns a list of the event, empty if it is left out. */
    List<String> list(String field) {
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
