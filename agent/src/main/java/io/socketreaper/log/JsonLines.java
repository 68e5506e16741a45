package io.socketreaper.log;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** One JSON object a line, in ASCII: standard error has the charset of the machine. */
final class JsonLines implements LogFields {
    /** The event name of a message without facts. */
    private static final String AGENT = "agent";

    private static final int LAST_ASCII = 126;

    private final JsonWriter json;

    private JsonLines(JsonWriter json) {
        this.json = json;
    }

    static String of(LogEntry entry) {
        var text = new StringWriter(1024);
        try (var json = new JsonWriter(text)) {
            var time = new StringBuilder();
            StderrLogger.appendUtc(time, entry.millis());
            json.beginObject();
            json.name("time").value(time.toString());
            json.name("level").value(entry.level().toString());
            json.name("event")
                    .value(entry.event() == null ? AGENT : entry.event().name());
            json.name("message").value(entry.message());
            if (entry.event() != null) {
                entry.event().facts(new JsonLines(json));
            }
            if (entry.thrown() != null) {
                var trace = new StringWriter();
                entry.thrown().printStackTrace(new PrintWriter(trace, true));
                json.name("cause").value(trace.toString());
            }
            json.endObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return ascii(text.getBuffer());
    }

    /** Non-ASCII characters occur only inside strings, so an escape is valid wherever it is needed. */
    private static String ascii(CharSequence text) {
        var ascii = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= LAST_ASCII) {
                ascii.append(c);
            } else {
                String hex = Integer.toHexString(c);
                ascii.append("\\u").append("0000", 0, 4 - hex.length()).append(hex);
            }
        }
        return ascii.toString();
    }

    @Override
    public void text(String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        try {
            json.name(name).value(value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public void number(String name, long value) {
        try {
            json.name(name).value(value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public void flag(String name, boolean value) {
        try {
            json.name(name).value(value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public void list(String name, String[] values) {
        try {
            json.name(name).beginArray();
            for (String value : values) {
                json.value(value);
            }
            json.endArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
