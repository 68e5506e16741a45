package io.socketreaper.stack;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.StreamClaim.Condemned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes one open stream socket out of use: takes its locks if they are free, looks once more, and makes every later read and write of the
 * application fail.
 */
final class Condemnation {
    private final StreamSocketHandle handle;
    private final StateLockFields fields;
    private final Object socket;
    private final Predicate<SocketSnapshot> leaked;
    private final boolean mustNotReadReset;

    Condemnation(StreamSocketHandle handle, Object socket, Predicate<SocketSnapshot> leaked) {
        this.handle = handle;
        this.fields = handle.fields();
        this.socket = socket;
        this.leaked = leaked;
        // Before the locks: it may load classes.
        this.mustNotReadReset = handle.mustNotReadReset(socket);
    }

    /** Returns null if the socket was in use or the facts no longer hold. */
    @Nullable
    StreamClaim claim() {
        ByteBuffer buffer = handle.stack().discardBuffer();
        if (buffer == null) {
            return claim(null);
        }
        // Before the socket's locks, as in a drain.
        synchronized (buffer) {
            return claim(buffer);
        }
    }

    private @Nullable StreamClaim claim(@Nullable ByteBuffer buffer) {
        ReentrantLock readLock = fields.readLock(socket);
        ReentrantLock writeLock = fields.writeLock(socket);
        if (!readLock.tryLock()) {
            return null;
        }
        Condemned condemned;
        try {
            if (!writeLock.tryLock()) {
                return null;
            }
            try {
                SocketSnapshot snapshot =
                        handle.snapshotOfOpen(socket, readLock.hasQueuedThreads(), writeLock.hasQueuedThreads());
                condemned = leaked.test(snapshot) ? condemn(snapshot, buffer) : null;
            } finally {
                writeLock.unlock();
            }
        } finally {
            readLock.unlock();
        }
        return condemned == null ? null : handle.condemned(socket, condemned);
    }

    /**
     * Under both locks, so no thread is in a read or write. Reads fail by a state of the JDK's own. Writes fail by themselves if the
     * output is shut or the connection is over; else the connection is reset, which fails also a write that takes no lock, such as a
     * transfer from a file on JDK 17, as a whole and before its first byte. A unix-domain socket cannot be reset: it is taken out of
     * the JDK's state "connected".
     */
    private @Nullable Condemned condemn(SocketSnapshot snapshot, @Nullable ByteBuffer buffer) {
        synchronized (fields.stateLock(socket)) {
            if (!handle.isConnected(socket) || fields.isOutputClosed(socket) != snapshot.outputShut()) {
                // It was closed or half-closed since the look, neither of which takes more than this lock.
                return null;
            }
            boolean wasToldOfReset = fields.isReset(socket);
            // Also if the connection is over and no byte is unread. The kernel reports a reset only once; after that
            // a read returns 0, which looks like an end in order.
            fields.condemn(socket);
            KernelSocket inKernel = handle.inKernel(fields.fd(socket));
            if (!KernelSocket.isUnfinished(snapshot)) {
                return condemnFinished(inKernel, snapshot, wasToldOfReset ? null : buffer);
            }
            if (!inKernel.canBeReset()) {
                fields.close(socket);
                return new Condemned(snapshot, null, true, null);
            }
            Claim.Emptied emptied = inKernel.reset(snapshot, buffer);
            if (snapshot.endOfInput() && !snapshot.reset() && !emptied.reset() && emptied.bytes() == 0) {
                handle.nothingIsMissing(socket);
            } else if (mustNotReadReset) {
                fields.disconnect(socket);
            }
            return new Condemned(snapshot, emptied, false, null);
        }
    }

    /** @param buffer null if it is not to be found out how the input has ended */
    private Condemned condemnFinished(KernelSocket inKernel, SocketSnapshot snapshot, @Nullable ByteBuffer buffer) {
        // The owner may close it, or the agent: a lingering close would block that thread, an abortive one would reset
        // the peer.
        inKernel.withoutLinger();
        try {
            if (inKernel.hasEndedInOrder(snapshot, buffer)) {
                handle.nothingIsMissing(socket);
            }
            return new Condemned(snapshot, null, false, null);
        } catch (IOException reset) {
            return new Condemned(snapshot, null, false, reset);
        }
    }
}
