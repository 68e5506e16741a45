package io.socketreaper.socket;

import java.util.Set;

/** How many of the descriptors that this process may have are in use, and what for. No method needs a descriptor. */
public interface DescriptorUse {
    /** How many are open now, -1 if that cannot be told. Cheap on Linux 6.2 and later. */
    int open();

    /** How many may be open now, as far as it can be read, else as was known last; -1 if that is unknown or unlimited. */
    long limit();

    /**
     * Counts the open descriptors by kind; some microseconds for each.
     *
     * @param knownInodes the sockets that somebody keeps an eye on
     */
    Inventory inventory(Set<Long> knownInodes);
}
