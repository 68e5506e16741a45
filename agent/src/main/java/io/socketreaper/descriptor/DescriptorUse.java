package io.socketreaper.descriptor;

import java.util.Set;

/** How many of the descriptors that this process may have are in use, and what for. No method needs a descriptor. */
public interface DescriptorUse {
    /** How many are open now, -1 if that cannot be told. Cheap on Linux 6.2 and later. */
    int open();

    /** How many may be open now, as far as it can be read, else as was known last; -1 if that is unknown or unlimited. */
    long limit();

    /** How many more may be opened now, {@link Integer#MAX_VALUE} if that is unlimited or cannot be told. */
    default int free() {
        return free(limit(), open());
    }

    /** The same for a limit and a number that were read before. */
    static int free(long limit, int open) {
        return limit < 0 || open < 0 ? Integer.MAX_VALUE : (int) Math.max(0, Math.min(limit - open, Integer.MAX_VALUE));
    }

    /**
     * Counts the open descriptors by kind; some microseconds for each.
     *
     * @param knownInodes the sockets that are watched
     */
    DescriptorInventory inventory(Set<Long> knownInodes);
}
