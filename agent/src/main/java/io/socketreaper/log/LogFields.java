package io.socketreaper.log;

import org.jspecify.annotations.Nullable;

/** Takes the facts of an {@link LogEvent}. Names are in lower case with underscores and end with their unit. */
public interface LogFields {
    /** @param value null if unknown: the fact is left out */
    void text(String name, @Nullable String value);

    void number(String name, long value);

    void flag(String name, boolean value);

    void list(String name, String[] values);
}
