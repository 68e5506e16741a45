package io.socketreaper.stack.netty;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.KernelSocket;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The claim on a channel of Netty's native transports. {@link #close} is a task of the channel's event loop, which decides whether the
 * channel is a leak, empties it and closes it; so it is condemned only there.
 */
final class NettyClaim implements Claim, Runnable {
    private final NettySocket handle;
    /** Not "Connection reset": Netty's {@code SslHandler} drops such a failure once the peer has ended TLS. */
    private static final String NOT_ALL = "Released by Socket Reaper while a FlowControlHandler held input";

    private final NettyMembers members;
    private final Object channel;
    private final SocketSnapshot snapshot;
    private final Predicate<SocketSnapshot> leaked;
    private volatile boolean toBeEmptied;
    private volatile boolean refused;
    /** The decision is being made or has been made, or must not be made any more. */
    private final AtomicBoolean begun = new AtomicBoolean();

    private volatile @Nullable Emptied emptied;
    /** The close resets the connection. */
    private volatile boolean reset;
    /** What was seen when the close was decided; event loop only. */
    private @Nullable SocketSnapshot decided;

    NettyClaim(
            NettySocket handle,
            NettyMembers members,
            Object channel,
            SocketSnapshot snapshot,
            Predicate<SocketSnapshot> leaked) {
        this.handle = handle;
        this.members = members;
        this.channel = channel;
        this.snapshot = snapshot;
        this.leaked = leaked;
    }

    @Override
    public SocketSnapshot snapshot() {
        return snapshot;
    }

    @Override
    public int read(ByteBuffer discarded) {
        toBeEmptied = true;
        return WITH_CLOSE;
    }

    @Override
    public String owner() {
        return "Netty " + members.transport() + " " + channel.getClass().getName() + ", closed on its event loop";
    }

    @Override
    public @Nullable Emptied emptied() {
        return emptied;
    }

    @Override
    public boolean isRefused() {
        return refused;
    }

    /** Known once the close was decided. */
    @Override
    public boolean isReset() {
        return reset;
    }

    @Override
    public boolean isCondemned() {
        return begun.get();
    }

    @Override
    public boolean withdraw() {
        if (!begun.compareAndSet(false, true)) {
            return false;
        }
        refused = true;
        return true;
    }

    @Override
    public void close() throws IOException {
        try {
            members.eventLoop(channel).execute(this);
        } catch (ReflectiveOperationException | RejectedExecutionException loopIsShutDown) {
            throw new IOException("its event loop takes no tasks", loopIsShutDown);
        }
    }

    /** Makes the release. On the event loop, so neither Netty nor the application can use the channel meanwhile. */
    @Override
    public void run() {
        try {
            if (refused || !members.isOpen(channel)) {
                return;
            }
            if (decided != null) {
                // A handler has put off the first close, as those of HTTP/2 and TLS may without a limit.
                members.closeNow(channel);
                return;
            }
            if (!begun.compareAndSet(false, true)) {
                return;
            }
            SocketSnapshot seen = handle.look(members, channel);
            if (seen.writing() || !leaked.test(seen)) {
                refused = true;
                return;
            }
            decided = seen;
            if (toBeEmptied) {
                emptied = empty(seen);
            }
            resetOrSetLinger(seen);
            tellAndClose(seen);
        } catch (ReflectiveOperationException | RuntimeException failed) {
            // the release checks the descriptor in any case
        } finally {
            if (decided == null && !refused) {
                // The next attempt looks again.
                begun.set(false);
            }
        }
    }

    private Emptied empty(SocketSnapshot seen) {
        ByteBuffer buffer = handle.stack().discardBuffer();
        if (buffer == null) {
            return handle.inKernel().empty(seen, null);
        }
        synchronized (buffer) {
            return handle.inKernel().empty(seen, buffer);
        }
    }

    private void tellAndClose(SocketSnapshot seen) throws ReflectiveOperationException {
        try {
            if (!isTrueEnd(seen)) {
                members.fail(channel, new SocketException("Connection reset"));
            } else if (seen.held() > 0) {
                members.fail(channel, new SocketException(NOT_ALL));
            }
            if (members.isOpen(channel)) {
                members.close(channel);
            }
        } finally {
            boolean discarded = emptied != null && emptied.bytes() > 0;
            if ((reset || discarded) && members.isOpen(channel)) {
                // After a reset, or after input was discarded, no handler may go on.
                members.closeNow(channel);
            }
        }
    }

    /** The peer has ended its side in order and Netty has read all of it. */
    private boolean isTrueEnd(SocketSnapshot seen) {
        return seen.endOfInput()
                && !seen.reset()
                && seen.unreadBytes() == 0
                && (emptied == null || emptied.bytes() == 0 && !emptied.reset());
    }

    /**
     * If the application has not ended its output, the peer must not see a normal end, because it may have received only half of an
     * answer. So the connection is reset here, and not by the close: in that a handler may still write, and the close_notify of
     * {@code SslHandler} is a normal end of TLS. Otherwise the close must not linger: Netty would hand it to another thread.
     */
    private void resetOrSetLinger(SocketSnapshot seen) {
        KernelSocket socket = handle.inKernel();
        try {
            if (seen.outputShut() || seen.tcpState() == TcpState.CLOSE) {
                socket.kernel().noLinger(socket.fd());
                return;
            }
            // In case that the kernel refuses the reset; then the close makes it.
            socket.kernel().lingerZero(socket.fd());
            reset = socket.canBeReset();
            if (reset) {
                socket.kernel().reset(socket.fd());
            }
        } catch (Throwable closedMeanwhile) {
            // then it cannot linger any more
        }
    }
}
