package io.socketreaper.detect;

import io.socketreaper.stack.SocketHandle;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is known of a socket, without a lock and without allocation, because application threads pass here. A socket has
 * at most one {@link Suspect} and, with {@code track=all}, one {@link OpenSocket} beside it.
 *
 * <p>Suspects are in chains by the identity hash of their sockets' objects. Open sockets are in chains of their own: those that do not
 * tell the number of their descriptor by the same hash, those that do by that number. A process uses the same few numbers again and
 * again, so their chains stay in the processor's cache, and the identity hash, which is expensive the first time it is computed, is not
 * needed.
 *
 * <p>Any thread may add and find. Only the reaper thread removes suspects. Open sockets that are released are taken out by any thread
 * that tells of a release in their chain, so that they do not pile up while the reaper thread is held up. Two threads that take out
 * neighbours may leave one of them in, or put one back: it is released, and goes with the next. An entry that is not released is never
 * lost, because a {@code next} is only ever moved past entries that are released.
 */
final class SocketRegistry {
    private final SocketChains<Suspect> suspects;
    private final SocketChains<OpenSocket> opened;
    private volatile int identities;
    private volatile int numbers;
    private final AtomicLong suspectNumbers = new AtomicLong();

    /**
     * @param suspects   how many chains of suspects, a power of two; with 4096 a hundred thousand make chains of 25
     * @param identities how many chains of open sockets by identity, a power of two, or 0 if none will be added
     * @param numbers    how many by number, a power of two, or 0 if no number will be told; with fewer than a process has
     *                   descriptors some share a chain
     */
    SocketRegistry(int suspects, int identities, int numbers) {
        this.suspects = new SocketChains<>(suspects);
        this.opened = new SocketChains<>(identities + numbers);
        this.identities = identities;
        this.numbers = numbers;
    }

    /** Makes room for open sockets, of which it could know none so far. The parameters are those of the constructor. */
    @ReaperThread
    void makeRoom(int ofIdentities, int ofNumbers) {
        opened.makeRoom(ofIdentities + ofNumbers);
        numbers = ofNumbers;
        identities = ofIdentities;
    }

    /** The chains of all suspects. */
    SocketChains<Suspect> suspects() {
        return suspects;
    }

    /** The chains of all open sockets. */
    SocketChains<OpenSocket> opened() {
        return opened;
    }

    /** The suspect of this socket; null if it is none. */
    @Nullable
    Suspect find(Object socket) {
        return suspects.find(ofSuspect(System.identityHashCode(socket)), socket);
    }

    /**
     * What is known of this socket, open or suspect; null if it is not known.
     *
     * @param number of its descriptor, -1 if it does not tell it
     */
    @Nullable
    TrackedSocket<?> findAny(Object socket, int number) {
        OpenSocket open = findOpen(socket, number);
        return open != null ? open : find(socket);
    }

    /** The open socket; null if it is not known. */
    @Nullable
    OpenSocket findOpen(Object socket, int number) {
        OpenSocket open = number < 0 ? null : opened.find(ofNumber(number), socket);
        if (open == null && identities > 0) {
            open = opened.find(ofIdentity(System.identityHashCode(socket)), socket);
        }
        return open;
    }

    /**
     * Marks all that is known of this socket as released, and takes the released open sockets out of its chain. A suspect is left to
     * the reaper thread.
     *
     * @param number of its descriptor, -1 if it does not tell it
     * @return the open socket that is released; null if it was not known
     */
    @Nullable
    OpenSocket release(Object socket, int number) {
        OpenSocket open = number >= 0 ? releaseIn(ofNumber(number), socket) : null;
        if (open != null) {
            // A suspect asks the open socket that it came from.
            return open;
        }
        if (identities > 0) {
            open = releaseIn(ofIdentity(System.identityHashCode(socket)), socket);
        }
        Suspect suspect = find(socket);
        if (suspect != null) {
            suspect.release();
        }
        return open;
    }

    private @Nullable OpenSocket releaseIn(int chain, Object socket) {
        OpenSocket head = opened.head(chain);
        OpenSocket found = null;
        OpenSocket lastOpen = null;
        for (OpenSocket tracked = head; tracked != null; tracked = tracked.next) {
            if (tracked.socket().is(socket)) {
                tracked.release();
                found = tracked;
            }
            if (!tracked.isReleased()) {
                lastOpen = tracked;
            } else if (lastOpen != null) {
                lastOpen.next = tracked.next;
            }
        }
        if (head != null && head.isReleased()) {
            // If another thread adds in this moment it goes with the next release in this chain.
            opened.replaceHead(chain, head, firstOpen(head));
        }
        return found;
    }

    private static @Nullable OpenSocket firstOpen(OpenSocket head) {
        OpenSocket first = head;
        while (first != null && first.isReleased()) {
            first = first.next;
        }
        return first;
    }

    /**
     * Adds a socket that was just opened, by its number. A descriptor number is reused only after it was closed, so an older entry
     * with the same number is stale, even if its release will never be told because an {@link Error} kept the hook from it.
     */
    void addOpened(int number, OpenSocket tracked) {
        int chain = ofNumber(number);
        OpenSocket head;
        do {
            head = opened.head(chain);
            for (OpenSocket before = head; before != null; before = before.next) {
                if (before.socket().descriptor() == number) {
                    before.release();
                }
            }
            tracked.next = firstOpen(head);
        } while (!opened.replaceHead(chain, head, tracked));
    }

    /** Adds an open socket that is not there yet, by the identity of its object. */
    void addByIdentity(Object socket, OpenSocket tracked) {
        opened.add(ofIdentity(System.identityHashCode(socket)), tracked);
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

    /** Adds a suspect unless its socket has one. Returns the one it has then, otherwise the new one. */
    Suspect add(Suspect suspect) {
        int chain = suspect.chain();
        while (true) {
            Suspect head = suspects.head(chain);
            Suspect known = suspectOf(head, suspect.socket());
            if (known != null) {
                return known;
            }
            suspect.next = head;
            if (suspects.replaceHead(chain, head, suspect)) {
                return suspect;
            }
        }
    }

    private static @Nullable Suspect suspectOf(Suspect head, SocketHandle socket) {
        for (Suspect suspect = head; suspect != null; suspect = suspect.next) {
            if (suspect.socket().isSame(socket)) {
                return suspect;
            }
        }
        return null;
    }

    @ReaperThread
    void remove(Suspect suspect) {
        suspects.remove(suspect.chain(), suspect);
    }

    /**
     * Whether another open socket, whose object exists, has the same descriptor. So it is if a close was not told, the object was collected
     * before its inode was known, and its number was used again: then the inode that was found by the number is the other's. Walks through
     * the open sockets that do not tell their numbers, but only for an inode that was found so late: most are known before.
     */
    @ReaperThread
    boolean hasAnother(SocketHandle collected) {
        if (!collected.isInodeLate() || collected.inode() == 0) {
            return false;
        }
        if (numbers > 0 && isIn(ofNumber(collected.descriptor()), collected)) {
            return true;
        }
        for (int chain = 0; chain < identities; chain++) {
            if (isIn(chain, collected)) {
                return true;
            }
        }
        return false;
    }

    private boolean isIn(int chain, SocketHandle collected) {
        for (OpenSocket each = opened.head(chain); each != null; each = each.next) {
            SocketHandle socket = each.socket();
            if (socket.inode() == collected.inode() && socket != collected && !each.isReleased() && !socket.is(null)) {
                return true;
            }
        }
        return false;
    }

    private int ofSuspect(int hash) {
        return (hash ^ hash >>> 16) & suspects.size() - 1;
    }

    /** The chain of open sockets whose objects have this identity hash. */
    int ofIdentity(int hash) {
        return (hash ^ hash >>> 16) & identities - 1;
    }

    /** The chain of open sockets whose descriptors have this number, which is not negative. */
    int ofNumber(int number) {
        return identities + (number & numbers - 1);
    }
}
