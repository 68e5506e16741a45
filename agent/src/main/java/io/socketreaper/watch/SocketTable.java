package io.socketreaper.watch;

import io.socketreaper.socket.SocketHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Finds what is known of a socket by identity, without a lock and without allocation, because application threads pass
 * here. A socket has at most one {@link Suspect} and, with {@code track=all}, one plain {@link Tracked} beside it.
 *
 * <p>A fixed array of chains. Any thread may add (a compare-and-set at the chain's head) and find; only the reaper thread
 * removes, but for an entry that is alone in its chain. What is removed keeps its {@code next}, so a reader that stands on it goes on.
 */
final class SocketTable {
    private final AtomicReferenceArray<Tracked> heads;

    /** @param buckets a power of two; with 4096 a hundred thousand suspects make chains of 25 */
    SocketTable(int buckets) {
        heads = new AtomicReferenceArray<>(buckets);
    }

    int buckets() {
        return heads.length();
    }

    /** The first of a chain, or null. */
    Tracked chain(int bucket) {
        return heads.get(bucket);
    }

    /** The suspect of this socket, or null. */
    Suspect find(Object socket) {
        return find(heads.get(bucket(System.identityHashCode(socket))), socket);
    }

    private static Suspect find(Tracked head, Object socket) {
        for (Tracked tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked instanceof Suspect suspect && suspect.socket().is(socket)) {
                return suspect;
            }
        }
        return null;
    }

    /** The suspect of the same socket, or null. */
    Suspect suspectOf(Tracked tracked) {
        for (Tracked other = heads.get(bucket(tracked.hash())); other != null; other = other.next) {
            if (other instanceof Suspect suspect && suspect.socket().isSame(tracked.socket())) {
                return suspect;
            }
        }
        return null;
    }

    /** What is known of this socket, suspect or not; null if nothing is. */
    Tracked findAny(Object socket) {
        for (Tracked tracked = heads.get(bucket(System.identityHashCode(socket))); tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                return tracked;
            }
        }
        return null;
    }

    /**
     * Tells everything that is known of this socket that its descriptor is gone. What is alone in its chain goes at once, as
     * most do, so that sockets which live for milliseconds do not pile up; the rest is left to the reaper thread.
     */
    void release(Object socket) {
        int bucket = bucket(System.identityHashCode(socket));
        Tracked head = heads.get(bucket);
        for (Tracked tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                tracked.release();
            }
        }
        if (head != null && head.next == null && head.isReleased() && !(head instanceof Suspect)) {
            heads.compareAndSet(bucket, head, null);
        }
    }

   /** Adds a socket that cannot be there yet. */
    void addNew(Tracked tracked) {
        int bucket = bucket(tracked.hash());
        Tracked head;
        do {
            head = heads.get(bucket);
            tracked.next = head;
        } while (!heads.compareAndSet(bucket, head, tracked));
    }

    /** Adds a suspect unless its socket has one; returns false then. */
    boolean add(Suspect suspect) {
        int bucket = bucket(suspect.hash());
        while (true) {
            Tracked head = heads.get(bucket);
            if (isSuspected(head, suspect.socket())) {
                return false;
            }
            suspect.next = head;
            if (heads.compareAndSet(bucket, head, suspect)) {
                return true;
            }
        }
    }

    private static boolean isSuspected(Tracked head, SocketHandle socket) {
        for (Tracked tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked instanceof Suspect && tracked.socket().isSame(socket)) {
                return true;
            }
        }
        return false;
    }

    /** True if the socket has a suspect. */
    boolean isSuspected(Tracked tracked) {
        return isSuspected(heads.get(bucket(tracked.hash())), tracked.socket());
    }

    /** Reaper thread only. */
    void remove(Tracked tracked) {
        int bucket = bucket(tracked.hash());
        while (true) {
            Tracked head = heads.get(bucket);
            if (head == tracked) {
                if (heads.compareAndSet(bucket, head, tracked.next)) {
                    return;
                }
                continue;
            }
            for (Tracked before = head; before != null; before = before.next) {
                if (before.next == tracked) {
                    before.next = tracked.next;
                    return;
                }
            }
            return;
        }
    }

    private int bucket(int hash) {
        return (hash ^ hash >>> 16) & heads.length() - 1;
    }
}
