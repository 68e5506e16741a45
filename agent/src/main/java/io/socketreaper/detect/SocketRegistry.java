package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Finds what is known of a socket, without a lock and without allocation, because application threads pass here. A socket has
 * at most one {@link Suspect} and, with {@code track=all}, one plain {@link TrackedSocket} beside it.
 *
 * <p>A fixed array of chains, in three parts. In the first are the suspects, by the identity hash of their sockets' objects; in the
 * second the plain entries of sockets that do not tell the number of their descriptor, by the same hash; in the third those of
 * sockets that do, by that number. A process uses the same few numbers again and again, so their chains are in the processor's
 * cache, and the identity hash, which costs more than all the rest the first time that it is asked for, is never asked for.
 *
 * <p>Any thread may add (a compare-and-set at the chain's head) and find. Only the reaper thread removes suspects. Plain entries
 * whose sockets are released are taken out by any thread that tells of a release in their chain, so that they do not pile up while
 * the reaper thread is held up. Two threads that take out neighbours may leave one of them in, or put one back: it is released,
 * and goes with the next. An entry that is not released is never lost, because a {@code next} is only ever moved past entries that
 * are. What is taken out keeps its own {@code next}, so a reader that stands on it goes on.
 */
final class SocketRegistry {
    private final AtomicReferenceArray<TrackedSocket> heads;
    private final int suspects;
    private final int identities;
    private final int numbers;
    private final AtomicLong suspectNumbers = new AtomicLong();

    /**
     * @param suspects   how many chains of suspects, a power of two; with 4096 a hundred thousand make chains of 25
     * @param identities how many chains of plain entries by identity, a power of two, or 0 if none will be added
     * @param numbers    how many by number, a power of two, or 0 if no number will be told; with fewer than a process has
     *                   descriptors some share a chain
     */
    SocketRegistry(int suspects, int identities, int numbers) {
        this.suspects = suspects;
        this.identities = identities;
        this.numbers = numbers;
        heads = new AtomicReferenceArray<>(suspects + identities + numbers);
    }

    int buckets() {
        return heads.length();
    }

    /** The chains below this number are those of suspects. */
    int suspectBuckets() {
        return suspects;
    }

    /** The first of a chain, or null. */
    TrackedSocket chain(int bucket) {
        return heads.get(bucket);
    }

    /** The suspect of this socket, or null. */
    Suspect find(Object socket) {
        return (Suspect) findIn(ofSuspect(System.identityHashCode(socket)), socket);
    }

    /**
     * What is known of this socket, suspect or not; null if nothing is.
     *
     * @param number of its descriptor, -1 if it does not tell it
     */
    TrackedSocket findAny(Object socket, int number) {
        TrackedSocket tracked = number < 0 ? null : findIn(ofNumber(number), socket);
        if (tracked != null) {
            return tracked;
        }
        int hash = System.identityHashCode(socket);
        tracked = identities == 0 ? null : findIn(ofIdentity(hash), socket);
        return tracked != null ? tracked : findIn(ofSuspect(hash), socket);
    }

    private TrackedSocket findIn(int bucket, Object socket) {
        for (TrackedSocket tracked = heads.get(bucket); tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                return tracked;
            }
        }
        return null;
    }

    /**
     * Tells everything that is known of this socket that its descriptor is gone, and takes the plain entries of its chain that are
     * released out, which are mostly this one. A suspect is left to the reaper thread.
     *
     * @param number of its descriptor, -1 if it does not tell it
     */
    void release(Object socket, int number) {
        if (number >= 0 && releaseIn(ofNumber(number), socket)) {
            // A suspect asks the plain entry that it came from.
            return;
        }
        if (identities > 0) {
            releaseIn(ofIdentity(System.identityHashCode(socket)), socket);
        }
        Suspect suspect = find(socket);
        if (suspect != null) {
            suspect.release();
        }
    }

    private boolean releaseIn(int bucket, Object socket) {
        TrackedSocket head = heads.get(bucket);
        boolean found = false;
        TrackedSocket open = null;
        for (TrackedSocket tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                tracked.release();
                found = true;
            }
            if (!tracked.isReleased()) {
                open = tracked;
            } else if (open != null) {
                open.next = tracked.next;
            }
        }
        if (head != null && head.isReleased()) {
            // If somebody adds in this moment it goes with the next release in this chain.
            heads.compareAndSet(bucket, head, firstOpen(head));
        }
        return found;
    }

    private static TrackedSocket firstOpen(TrackedSocket head) {
        TrackedSocket first = head;
        while (first != null && first.isReleased()) {
            first = first.next;
        }
        return first;
    }

    /**
     * Adds a socket that was just opened, by its number. A descriptor number is reused only after it was closed, so an older entry
     * with the same number is stale, even if its release will never be told because an {@link Error} kept the hook from it.
     */
    void addOpened(int number, TrackedSocket tracked) {
        int bucket = ofNumber(number);
        TrackedSocket head;
        do {
            head = heads.get(bucket);
            for (TrackedSocket before = head; before != null; before = before.next) {
                if (before.socket().descriptor() == number) {
                    before.release();
                }
            }
            tracked.next = firstOpen(head);
        } while (!heads.compareAndSet(bucket, head, tracked));
    }

    /** Adds the plain entry of a socket that cannot be there yet. */
    void addNew(int bucket, TrackedSocket tracked) {
        TrackedSocket head;
        do {
            head = heads.get(bucket);
            tracked.next = head;
        } while (!heads.compareAndSet(bucket, head, tracked));
    }

    /**
     * Makes a suspect, to be added.
     *
     * @param identityHash of the socket's object
     * @param knownSince   when the socket was opened or first met, or {@code now}
     */
    Suspect newSuspect(SocketHandle socket, int identityHash, long knownSince, CapturedStack origin, long now) {
        return new Suspect(socket, ofSuspect(identityHash), knownSince, origin, suspectNumbers.getAndIncrement(), now);
    }

    /** Adds a suspect unless its socket has one. Returns the one it has then, else the new one. */
    Suspect add(Suspect suspect) {
        int bucket = suspect.bucket();
        while (true) {
            TrackedSocket head = heads.get(bucket);
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

    private static Suspect suspectOf(TrackedSocket head, SocketHandle socket) {
        for (TrackedSocket tracked = head; tracked != null; tracked = tracked.next) {
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
    void remove(int bucket, TrackedSocket tracked) {
        while (true) {
            TrackedSocket head = heads.get(bucket);
            if (head == tracked) {
                if (heads.compareAndSet(bucket, head, tracked.next)) {
                    return;
                }
                continue;
            }
            for (TrackedSocket before = head; before != null; before = before.next) {
                if (before.next == tracked) {
                    before.next = tracked.next;
                    return;
                }
            }
            return;
        }
    }

    /** The chain of suspects whose objects have this identity hash. */
    int ofSuspect(int hash) {
        return (hash ^ hash >>> 16) & suspects - 1;
    }

    /** The chain of plain entries of sockets whose objects have this identity hash. */
    int ofIdentity(int hash) {
        return suspects + ((hash ^ hash >>> 16) & identities - 1);
    }

    /** The chain of plain entries of sockets whose descriptors have this number, which is not negative. */
    int ofNumber(int number) {
        return suspects + identities + (number & numbers - 1);
    }
}
