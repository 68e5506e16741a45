package io.socketreaper.config;

import java.util.List;

/** One of a few words, two of which a path follows. Whether the file can be written is seen on writing it. */
final class LogTargetName extends Setting<LogTarget> {
    private static final String FILE = "file:";
    private static final String JSON_FILE = "json-file:";
    private static final List<String> WORDS = List.of("stderr", "json", "app", "file", "json-file");

    LogTargetName(String name, String doc) {
        super(name, "stderr", doc);
    }

    @Override
    LogTarget parse(String text) {
        if (text.startsWith(FILE)) {
            return new LogTarget(text, false, false, path(text.substring(FILE.length())));
        }
        if (text.startsWith(JSON_FILE)) {
            return new LogTarget(text, true, false, path(text.substring(JSON_FILE.length())));
        }
        if (text.equals("stderr") || text.equals("json") || text.equals("app")) {
            return new LogTarget(text, text.equals("json"), text.equals("app"), null);
        }
        if (text.equals("file") || text.equals("json-file")) {
            throw new IllegalArgumentException("it names no file");
        }
        int colon = text.indexOf(':');
        String nearest = Spelling.nearest(colon < 0 ? text : text.substring(0, colon), WORDS);
        throw new IllegalArgumentException(
                nearest == null
                        ? "it is none of them"
                        : "did you mean " + Given.quote(nearest + (nearest.endsWith("file") ? ":PATH" : "")) + "?");
    }

    private static String path(String path) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("it names no file");
        }
        if (path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("no file has such a name");
        }
        return path;
    }

    @Override
    String unit() {
        return "target";
    }

    @Override
    String range() {
        return "stderr, json, file:PATH, json-file:PATH, app";
    }

    @Override
    String forms() {
        return "one of " + range();
    }
}
