package io.socketreaper.model;

import org.jspecify.annotations.Nullable;

/** The words by which constants of an enum are known outside: what their {@code toString} returns. Any thread. */
public final class EnumWord {
    private EnumWord() {}

    /** The constant of that word; null if there is none. */
    public static <E extends Enum<E>> @Nullable E find(E[] constants, String word) {
        for (E constant : constants) {
            if (constant.toString().equals(word)) {
                return constant;
            }
        }
        return null;
    }
}
