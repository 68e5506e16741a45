package io.socketreaper.control;

import org.jspecify.annotations.Nullable;

/**
 * Which open sockets are counted.
 *
 * @param site        id of an opening site; null for all
 * @param olderMillis only sockets that have been known for so long; 0 and above
 * @param state       only those in that {@link io.socketreaper.model.OpenState}, as {@code CLOSE_WAIT} or {@code selector}; null for all
 */
public record OpenQuestion(
        @Nullable String site, long olderMillis, @Nullable String state) {
    /** All open sockets. */
    public static final OpenQuestion ALL = new OpenQuestion(null, 0, null);
}
