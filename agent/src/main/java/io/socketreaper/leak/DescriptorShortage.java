package io.socketreaper.leak;

import io.socketreaper.descriptor.DescriptorKinds;
import java.util.List;

/** Descriptors become few, run out, or are there again. */
public sealed interface DescriptorShortage {
    /**
     * The share of the limit that {@code pressure} names is reached.
     *
     * @param timeoutMillis how long proven and strong suspects must have been idle from now on
     */
    record Begun(int open, long limit, long timeoutMillis) implements DescriptorShortage {}

    /**
     * The pressure is over.
     *
     * @param lastedMillis since it began
     * @param released     sockets that the agent has released meanwhile
     */
    record Ended(int open, long limit, long lastedMillis, long released) implements DescriptorShortage {}

    /**
     * A socket could not be opened or accepted, because no descriptor is left.
     *
     * @param open       how many were open at the first failure
     * @param kinds      what for, at most a minute ago
     * @param sites      the leak sites that have lost most
     * @param openNow    how many are open at the time of the report
     * @param sinceMillis time since the first failure
     * @param released   sockets that the agent has released since
     * @param collecting whether it has asked for a garbage collection
     */
    record Exhausted(
            int open,
            long limit,
            DescriptorKinds kinds,
            List<LeakSite> sites,
            int openNow,
            long sinceMillis,
            long released,
            boolean collecting)
            implements DescriptorShortage {}

    /**
     * After an {@link Exhausted}: descriptors are left again, and nothing fails any more.
     *
     * @param openBefore   how many were open at the first failure
     * @param lastedMillis since then
     * @param released     sockets that the agent has released since
     * @param collected    whether it has asked for a garbage collection
     * @param effective    whether the JVM did collect when it was last asked
     */
    record Over(
            int open,
            long limit,
            int openBefore,
            long lastedMillis,
            long released,
            boolean collected,
            boolean effective)
            implements DescriptorShortage {}
}
