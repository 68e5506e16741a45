package io.socketreaper.control;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The form of a {@link Request} and its answer between command line and agent: one line of JSON each. A request is
 * {@code {"request":"GetSockets","arguments":{"limit":100}}}; an answer has a {@code result} or an {@code error}. Any thread.
 */
public final class WireCodec {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    /**
     * A request on its way.
     *
     * @param request   name of the record
     * @param arguments its components
     * @param raised    the limit of descriptors that was raised so that the agent can answer; null if none was
     */
    private record Envelope(
            String request, JsonObject arguments, @Nullable LimitChange raised) {}

    /**
     * A limit of descriptors that the command line has raised for the time of its request.
     *
     * @param raised what holds meanwhile
     * @param real   what will hold afterwards
     */
    public record LimitChange(long raised, long real) {}

    /** A request as the agent has read it; {@code raised} may be null. */
    public record Received(Request<?> request, @Nullable LimitChange raised) {}

    private WireCodec() {}

    /** Writes a request. {@code raised} may be null. */
    public static String write(Request<?> request, @Nullable LimitChange raised) {
        return GSON.toJson(new Envelope(
                request.getClass().getSimpleName(), GSON.toJsonTree(request).getAsJsonObject(), raised));
    }

    /**
     * Reads a request.
     *
     * @throws ControlException if this agent does not know it
     */
    public static Received read(String text) {
        try {
            Envelope envelope = GSON.fromJson(text, Envelope.class);
            if (envelope != null && envelope.arguments != null) {
                for (Class<?> type : Request.class.getPermittedSubclasses()) {
                    if (type.getSimpleName().equals(envelope.request)) {
                        return new Received((Request<?>) GSON.fromJson(envelope.arguments, type), envelope.raised);
                    }
                }
            }
        } catch (JsonParseException unreadable) {
            // as one that is not known
        }
        throw unknown(text);
    }

    private static ControlException unknown(String request) {
        return new ControlException(
                "the agent in that JVM does not know the request \"" + request + "\"; it may be of another version");
    }

    /** Writes the answer to a request. */
    public static String result(Object answer) {
        var json = new JsonObject();
        json.add("result", GSON.toJsonTree(answer));
        return GSON.toJson(json);
    }

    /** Writes a note for {@link #readHolders}. */
    public static byte[] bytes(HoldersNote note) {
        return GSON.toJson(note).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a note from a file, of which it takes no more than {@link HoldersNote#MOST_BYTES}.
     *
     * @throws ControlException if it cannot be read, is too long, or is no note
     */
    static HoldersNote readHolders(@Nullable String name) {
        if (name == null || !new File(name).isFile()) {
            throw new ControlException("there is no file with the holders of sockets; none are kept");
        }
        byte[] bytes;
        try (var in = new FileInputStream(name)) {
            bytes = in.readNBytes(HoldersNote.MOST_BYTES + 1);
        } catch (IOException refused) {
            throw new ControlException("the file with the holders of sockets cannot be read: " + refused);
        }
        if (bytes.length > HoldersNote.MOST_BYTES) {
            throw new ControlException(
                    "the holders of sockets take more than " + HoldersNote.MOST_BYTES + " bytes; none are kept");
        }
        try {
            HoldersNote note = GSON.fromJson(new String(bytes, StandardCharsets.UTF_8), HoldersNote.class);
            if (note != null && note.isWhole()) {
                return note;
            }
        } catch (JsonParseException unreadable) {
            // as one that is not whole
        }
        throw new ControlException("the file has no holders of sockets as this version writes them; none are kept");
    }

    /** Writes why a request was refused. */
    public static String error(@Nullable String why) {
        var json = new JsonObject();
        json.addProperty("error", why);
        return GSON.toJson(json);
    }

    /**
     * Reads an answer.
     *
     * @return null if the text is not a whole answer
     * @throws ControlException with the agent's words, if it refused the request
     */
    public static <R> @Nullable R answer(String text, Type type) {
        JsonObject json;
        try {
            json = JsonParser.parseString(text).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException incomplete) {
            return null;
        }
        JsonElement error = json.get("error");
        if (error != null) {
            throw new ControlException(error.getAsString());
        }
        return GSON.fromJson(json.get("result"), type);
    }
}
