package io.socketreaper.detect;

import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * An array of chains of tracked sockets, linked by {@link TrackedSocket#next}. Any thread may add (a compare-and-set at the chain's
 * head) and find, without a lock and without allocation; the reaper thread removes. An entry that is taken out keeps its own
 * {@code next}, so a reader that stands on it goes on.
 */
final class SocketChains<S extends TrackedSocket<S>> {
    /** So many chains are passed over at once if none of them has ever had an entry. */
    static final int BLOCK = 256;

    /** Replaced once at most, while it has no entries. */
    private volatile AtomicReferenceArray<S> heads;
    /** 1 for each block of chains that has had an entry. */
    private volatile AtomicIntegerArray used;

    SocketChains(int size) {
        used = new AtomicIntegerArray(blocks(size));
        heads = new AtomicReferenceArray<>(size);
    }

    private static int blocks(int chains) {
        return (chains + BLOCK - 1) / BLOCK;
    }

    /** Makes so many chains instead of none. */
    @ReaperThread
    void makeRoom(int size) {
        if (heads.length() > 0) {
            throw new IllegalStateException("there are chains");
        }
        // First, for those who see the new chains.
        used = new AtomicIntegerArray(blocks(size));
        heads = new AtomicReferenceArray<>(size);
    }

    /** How many chains there are; they are numbered from 0. */
    int size() {
        return heads.length();
    }

    /** The first entry of a chain; null if it is empty. */
    S head(int chain) {
        return heads.get(chain);
    }

    /**
     * The first chain from that one on that may have entries; {@link #size()} if there is none. A process uses few of the numbers that
     * there may be, and few of the chains by identity while it has had few sockets without a number: a walk through all chains that asks
     * for the next one costs little then.
     *
     * @param chain 0 to {@link #size()}
     */
    int nextUsed(int chain) {
        int size = heads.length();
        int next = chain;
        while (next < size && used.get(next / BLOCK) == 0) {
            next = (next / BLOCK + 1) * BLOCK;
        }
        return Math.min(next, size);
    }

    /** The entry of this socket in a chain; null if there is none. */
    @Nullable
    S find(int chain, Object socket) {
        for (S tracked = heads.get(chain); tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                return tracked;
            }
        }
        return null;
    }

    /** Adds an entry without a look at the others. */
    void add(int chain, S tracked) {
        S head;
        do {
            head = heads.get(chain);
            tracked.next = head;
        } while (!replaceHead(chain, head, tracked));
    }

    /** Makes another entry the first of its chain, unless the chain has changed meanwhile. */
    boolean replaceHead(int chain, S expected, @Nullable S head) {
        // Before the entry is there, so that no walk that comes after it passes it over.
        if (used.get(chain / BLOCK) == 0) {
            used.set(chain / BLOCK, 1);
        }
        return heads.compareAndSet(chain, expected, head);
    }

    /** Takes an entry out, if it is there. */
    @ReaperThread
    void remove(int chain, S tracked) {
        while (true) {
            S head = heads.get(chain);
            if (head == tracked) {
                if (replaceHead(chain, head, tracked.next)) {
                    return;
                }
                continue;
            }
            for (S before = head; before != null; before = before.next) {
                if (before.next == tracked) {
                    before.next = tracked.next;
                    return;
                }
            }
            return;
        }
    }
}
