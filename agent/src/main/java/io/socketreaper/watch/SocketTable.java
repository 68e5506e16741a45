package io.socketreaper.watch;

import io.socketreaper.socket.SocketHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Finds what is known of a socket, without a lock and without allocation, because application threads pass here. A socket has
 * at most one {@link Suspect} and, with {@code track=all}, one plain {@link Tracked} beside it.
 *
 * <p>A fixed array of chains, in two parts. In the first a socket is found by the identity hash of its object: suspects, and
 * what does not tell the number of its descriptor. In the second by that number: the plain entries of sockets that do. A
 * process uses the same few numbers again and again, so their chains are in the processor's cache, and the identity hash,
 * which costs more than all the rest the first time that it is asked for, is never asked for.
 *
 * <p>Any thread may add (a compare-and-set at the chain's head) and find; only the reaper thread removes, but for an entry that
 * is alone in its chain. What is removed keeps its {@code next}, so a reader that stands on it goes on.
 */
final class SocketTable {
    private final AtomicReferenceArray<Tracked> heads;
    private final int identities;
    private final int numbers;

    /**
     * @param identities how many chains by identity, a power of two; with 4096 a hundred thousand suspects make chains of 25
     * @param numbers    how many by number, a power of two, or 0 if no number will be told; with fewer than a process has
     *                   descriptors some share a chain
     */
    SocketTable(int identities, int numbers) {
        this.identities = identities;
        this.numbers = numbers;
        heads = new AtomicReferenceArray<>(identities + numbers);
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
        for (Tracked tracked = heads.get(ofIdentity(System.identityHashCode(socket))); tracked != null; tracked = tracked.next) {
            if (tracked instanceof Suspect suspect && suspect.socket().is(socket)) {
                return suspect;
            }
        }
        return null;
    }

    /**
     * What is known of this socket, suspect or not; null if nothing is.
     *
     * @param number of its descriptor, -1 if it does not tell it
     */
    Tracked findAny(Object socket, int number) {
        Tracked tracked = number < 0 ? null : findIn(ofNumber(number), socket);
        return tracked != null ? tracked : findIn(ofIdentity(System.identityHashCode(socket)), socket);
    }

    private Tracked findIn(int bucket, Object socket) {
        for (Tracked tracked = heads.get(bucket); tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                return tracked;
            }
        }
        return null;
    }

    /**
     * Tells everything that is known of this socket that its descriptor is gone. What is alone in its chain goes at once, as
     * most do, so that sockets which live for milliseconds do not pile up; the rest is left to the reaper thread.
     *
     * @param number of its descriptor, -1 if it does not tell it
     */
    void release(Object socket, int number) {
        // A suspect asks the plain entry that it came from.
        if (number < 0 || !releaseIn(ofNumber(number), socket)) {
            releaseIn(ofIdentity(System.identityHashCode(socket)), socket);
        }
    }

    private boolean releaseIn(int bucket, Object socket) {
        Tracked head = heads.get(bucket);
        boolean found = false;
        for (Tracked tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                tracked.release();
                found = true;
            }
        }
        if (found && head.next == null && head.isReleased() && !(head instanceof Suspect)) {
            heads.compareAndSet(bucket, head, null);
        }
        return found;
    }

    /**
     * Adds a socket that was just opened, by its number. The kernel gives nobody a number that is taken: whoever had it has lost its
     * descriptor, also if that will never be told because an {@link Error} kept the hook from it.
     */
    void addOpened(int number, Tracked tracked) {
        int bucket = ofNumber(number);
        for (Tracked before = heads.get(bucket); before != null; before = before.next) {
            if (before.socket().descriptor() == number) {
                before.release();
            }
        }
        addNew(bucket, tracked);
    }

    /** Adds a socket that cannot be there yet. */
    void addNew(int bucket, Tracked tracked) {
        Tracked head;
        do {
            head = heads.get(bucket);
            tracked.next = head;
        } while (!heads.compareAndSet(bucket, head, tracked));
    }

    /** Adds a suspect unless its socket has one. Returns the one it has then, else the new one. */
    Suspect add(Suspect suspect) {
        int bucket = suspect.bucket();
        while (true) {
            Tracked head = heads.get(bucket);
            Suspect known = suspectOf(head, suspect.socket());
            if (known != null) {
                return known;
            }
            suspect.next = head;
            if (heads.compareAndSet(bucket, head, suspect)) {
                return suspect;
            }
        }
    }

    private static Suspect suspectOf(Tracked head, SocketHandle socket) {
        for (Tracked tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked instanceof Suspect suspect && suspect.socket().isSame(socket)) {
                return suspect;
            }
        }
        return null;
    }

    /** Reaper thread only. */
    void remove(Suspect suspect) {
        remove(suspect.bucket(), suspect);
    }

    /** Reaper thread only. */
    void remove(int bucket, Tracked tracked) {
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

    /** The chain of sockets whose objects have this identity hash. */
    int ofIdentity(int hash) {
        return (hash ^ hash >>> 16) & identities - 1;
    }

    /** The chain of sockets whose descriptors have this number, which is not negative. */
    int ofNumber(int number) {
        return identities + (number & numbers - 1);
    }
}
