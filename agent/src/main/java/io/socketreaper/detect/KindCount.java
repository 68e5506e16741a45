package io.socketreaper.detect;

import io.socketreaper.descriptor.DescriptorInventory;
import io.socketreaper.descriptor.DescriptorKinds;
import io.socketreaper.descriptor.DescriptorUse;
import io.socketreaper.model.Clock;
import io.socketreaper.model.DescriptorKind;
import io.socketreaper.thread.AnyThread;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts the open descriptors by kind on demand. A socket counts as unwatched only if the count before, a second ago or more, has seen it
 * so, too: a channel that its application closes keeps its descriptor until the next selection of its selector, and a server with
 * traffic has such channels, or sockets that are about to be connected, at any moment.
 */
@AnyThread
class KindCount {
    private static final long EVERY = TimeUnit.SECONDS.toNanos(1);
    /** A count is followed by so many times its length without one. */
    private static final int REST = 10;

    private final Clock clock;
    private final DescriptorUse descriptors;
    private final Pressure.Suspects suspects;
    /** The last answer; null before the first. */
    private @Nullable DescriptorKinds counted;

    private long countedAt;
    private long took;
    private Map<Long, DescriptorKind> unwatched = Map.of();
    /** Whether the last count has seen an unwatched socket that the count before had not. */
    private boolean unsure;

    KindCount(Clock clock, DescriptorUse descriptors, Pressure.Suspects suspects) {
        this.clock = clock;
        this.descriptors = descriptors;
        this.suspects = suspects;
    }

    /** At most a second old, or ten times as old as the count took. Threads that ask at the same time wait for one count. */
    synchronized DescriptorKinds kinds() {
        if (counted == null || clock.nanoTime() - countedAt >= Math.max(EVERY, REST * took)) {
            return count();
        }
        return counted;
    }

    /** The same, but counts again after a second if the first count leaves open whether sockets are unwatched. An interrupt ends the wait. */
    DescriptorKinds settled() {
        long wait;
        synchronized (this) {
            DescriptorKinds kinds = kinds();
            if (!unsure) {
                return kinds;
            }
            wait = Math.max(0, countedAt + EVERY - clock.nanoTime());
        }
        try {
            pause(wait);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            return kinds();
        }
        synchronized (this) {
            return clock.nanoTime() - countedAt >= EVERY ? count() : kinds();
        }
    }

    /** Waits; a test moves its clock instead. */
    void pause(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos);
    }

    private DescriptorKinds count() {
        long begun = clock.nanoTime();
        DescriptorInventory inventory = descriptors.inventory(suspects.knownInodes());
        countedAt = clock.nanoTime();
        took = countedAt - begun;
        DescriptorKinds kinds = inventory.kinds();
        unsure = false;
        for (Map.Entry<Long, DescriptorKind> socket : inventory.unwatched().entrySet()) {
            if (unwatched.get(socket.getKey()) != socket.getValue()) {
                kinds = kinds.less(socket.getValue(), 1);
                unsure = true;
            }
        }
        unwatched = inventory.unwatched();
        counted = kinds;
        return kinds;
    }
}
