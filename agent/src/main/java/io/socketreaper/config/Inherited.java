package io.socketreaper.config;

import org.jspecify.annotations.Nullable;

/**
 * A setting that need not be set: {@code none}, the default, means that a more general setting holds, or that what it is about is not done.
 */
final class Inherited<T> extends Setting<T> {
    private final Setting<T> own;

    /** @param own the setting as it would be if it had to be set */
    Inherited(Setting<T> own) {
        super(own.name, NONE, own.doc);
        this.own = own;
    }

    @Override
    @Nullable
    T parse(String text) {
        return text.equals(NONE) ? null : own.parse(text);
    }

    @Override
    String unit() {
        return own.unit();
    }

    @Override
    String range() {
        return own.range();
    }

    @Override
    String forms() {
        return own.forms() + ", or " + NONE;
    }
}
