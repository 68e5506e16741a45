package io.socketreaper.detect;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ReaperThread;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The inodes of known sockets, by which a count of descriptors tells them from those of others. */
final class KnownInodes {
    /** Finding out one inode takes a few microseconds. */
    private static final long LONGEST_SEARCH = TimeUnit.MILLISECONDS.toNanos(200);

    private final Clock clock;
    private final SocketRegistry registry;
    private final Detector.Host host;

    KnownInodes(Clock clock, SocketRegistry registry, Detector.Host host) {
        this.clock = clock;
        this.registry = registry;
        this.host = host;
    }

    /** The inodes that have been found out. */
    @AnyThread
    Set<Long> known() {
        var inodes = new HashSet<Long>();
        addTo(inodes, registry.suspects());
        addTo(inodes, registry.opened());
        return inodes;
    }

    private static <S extends TrackedSocket<S>> void addTo(Set<Long> inodes, SocketChains<S> chains) {
        for (int chain = 0; chain < chains.size(); chain++) {
            for (S tracked = chains.head(chain); tracked != null; tracked = tracked.next) {
                inodes.add(tracked.socket().inode());
            }
        }
    }

    /** Finds out inodes for a bounded time; the next sweep finds out the rest. */
    @ReaperThread
    void findOut(long now) {
        if (findOut(registry.suspects(), now + LONGEST_SEARCH)) {
            findOut(registry.opened(), now + LONGEST_SEARCH);
        }
    }

    /** Returns false if there was no time for all. */
    private <S extends TrackedSocket<S>> boolean findOut(SocketChains<S> chains, long enough) {
        for (int chain = 0; chain < chains.size(); chain++) {
            for (S tracked = chains.head(chain); tracked != null; tracked = tracked.next) {
                if (tracked.socket().inode() == 0) {
                    findOut(tracked.socket());
                    if (clock.nanoTime() - enough >= 0) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private void findOut(SocketHandle socket) {
        try {
            socket.quickCheck();
        } catch (RuntimeException | Error failure) {
            host.failed(failure);
        }
    }
}
