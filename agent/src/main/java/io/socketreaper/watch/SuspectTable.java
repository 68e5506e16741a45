package io.socketreaper.watch;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Finds the suspect of a socket by identity, without a lock and without allocation, because reads on half-closed sockets
 * pass here on the application's threads.
 *
 * <p>A fixed array of chains. Any thread may add (a compare-and-set at the chain's head, after a look for a double) and
 * find; only the reaper thread removes. A removed suspect keeps its {@code next}, so a reader that stands on it goes on.
 * The array does not grow: with {@value #BUCKETS} chains a hundred thousand suspects make chains of 25.
 */
final class SuspectTable {
    private static final int BUCKETS = 4096;

    private final AtomicReferenceArray<Suspect> heads = new AtomicReferenceArray<>(BUCKETS);

    /** The suspect of this socket, or null. */
    Suspect find(Object socket) {
        return find(heads.get(bucket(System.identityHashCode(socket))), socket);
    }

    private static Suspect find(Suspect head, Object socket) {
        for (Suspect suspect = head; suspect != null; suspect = suspect.next) {
            if (suspect.socket().is(socket)) {
                return suspect;
            }
        }
        return null;
    }

    /** Adds a suspect unless its socket has one; returns false then. */
    boolean add(Suspect suspect, Object socket) {
        int bucket = bucket(suspect.hash());
        while (true) {
            Suspect head = heads.get(bucket);
            if (find(head, socket) != null) {
                return false;
            }
            suspect.next = head;
            if (heads.compareAndSet(bucket, head, suspect)) {
                return true;
            }
        }
    }

    /** Reaper thread only. */
    void remove(Suspect suspect) {
        int bucket = bucket(suspect.hash());
        while (true) {
            Suspect head = heads.get(bucket);
            if (head == suspect) {
                if (heads.compareAndSet(bucket, head, suspect.next)) {
                    return;
                }
                continue;
            }
            for (Suspect before = head; before != null; before = before.next) {
                if (before.next == suspect) {
                    before.next = suspect.next;
                    return;
                }
            }
            return;
        }
    }

    private static int bucket(int hash) {
        return (hash ^ hash >>> 16) & BUCKETS - 1;
    }
}
