package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/** The name of a file, relative to the working directory of the application; whether it can be read is seen on reading it. */
final class FileName extends Setting<String> {
    FileName(String name, String doc) {
        super(name, NONE, doc);
    }

    @Override
    @Nullable
    String parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("it is empty");
        }
        return text.equals(NONE) ? null : text;
    }

    @Override
    String unit() {
        return "file name";
    }

    @Override
    String range() {
        return "a readable properties file of at most 1MiB";
    }

    @Override
    String forms() {
        return "the name of a readable properties file, or " + NONE;
    }
}
