package io.socketreaper.cli;

import java.util.Locale;

/** By which figure {@code top} sorts the leak sites, the largest first. */
enum TopSort {
    RATE,
    FOUND,
    HELD,
    RELEASED;

    /** The one that the next press of the key chooses. */
    TopSort next() {
        return values()[(ordinal() + 1) % values().length];
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
