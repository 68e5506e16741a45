package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/**
 * A setting that need not be set. The default is a word which means that a more general setting holds, or that what it is about is not done:
 * {@code none}, or for an action {@link #AS_ACTION}, because an action {@code none} reads as if nothing were done.
 */
final class Inherited<T> extends Setting<T> {
    /** The setting {@code action} holds. */
    static final String AS_ACTION = "as-action";

    private final Setting<T> own;

    /** @param own the setting as it would be if it had to be set */
    Inherited(Setting<T> own) {
        this(own, NONE);
    }

    /** @param word the default */
    Inherited(Setting<T> own, String word) {
        super(own.name, word, own.doc);
        this.own = own;
    }

    @Override
    @Nullable
    T parse(String text) {
        return text.equals(defaultText) ? null : own.parse(text);
    }

    @Override
    String unit() {
        return own.unit();
    }

    @Override
    String range() {
        return defaultText.equals(NONE) ? own.range() : own.range() + ", " + defaultText;
    }

    @Override
    String forms() {
        return own.forms() + ", or " + defaultText;
    }
}
