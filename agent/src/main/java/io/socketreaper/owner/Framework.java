package io.socketreaper.owner;

import org.jspecify.annotations.Nullable;

/**
 * Knows one framework by the names of its classes, without depending on it. Names are compared by their end, because many
 * products carry a relocated copy.
 */
interface Framework {
    /**
     * The owner of the channel whose selection key has this attachment, or null if it is not this framework's.
     *
     * @throws ReflectiveOperationException if its members are not those we know
     */
    @Nullable
    Owner ownerBy(Object attachment) throws ReflectiveOperationException;
}
