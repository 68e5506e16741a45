package io.socketreaper.runtime;

import io.socketreaper.detect.SocketEvents;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.ApplicationThread;
import io.socketreaper.thread.ReaperThread;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjIntConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import sun.nio.ch.SocketReaperHook;

/**
 * Receives the hook's events on application threads and passes them to the detector; events of the reaper thread's own
 * sockets go only to the self-test, and those of the outlets are ignored.
 */
public final class HookEvents implements ObjIntConsumer<Object>, ToLongFunction<Object> {
    /**
     * The end of the exception class for kernel errors in Netty's native transports; the end, because many products carry a
     * relocated Netty.
     */
    private static final String OF_NETTY = "netty.channel.unix.Errors$NativeIoException";

    private static final String TLS = "sun.security.ssl.";

    /** Sockets that were half-closed or accepted before their stack was proven, which it may never be; the oldest go first. */
    static final int MOST_EARLY_FRONTS = 1 << 12;

    private final SocketEvents detector;
    private final ClassicSocketStack sockets;
    private final Selections selections;
    private final FailureListener failures;
    private final Thread reaperThread;
    private final Queue<WeakReference<Object>> earlyFronts = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingFronts = new AtomicInteger();
    /** The class of the threads that serve the agent's own outlets; null while there are none. */
    private volatile @Nullable Class<?> ownThreads;

    private final HookTrace probed = new HookTrace();

    /**
     * @param selections   is told of every selector that a selection begins on, while that is wanted
     * @param reaperThread whose own sockets are those of self-tests
     */
    public HookEvents(
            SocketEvents detector,
            ClassicSocketStack sockets,
            Selections selections,
            FailureListener failures,
            Thread reaperThread) {
        this.detector = detector;
        this.selections = selections;
        this.failures = failures;
        this.sockets = sockets;
        this.reaperThread = reaperThread;
    }

    @Override
    @ApplicationThread
    public void accept(Object socket, int event) {
        if (Thread.currentThread() == reaperThread) {
            probed.add(socket, event);
            return;
        }
        if (ownThreads != null && Thread.currentThread().getClass() == ownThreads) {
            return;
        }
        switch (event) {
            case SocketReaperHook.HALF_CLOSED -> detector.halfClosed(socket);
            case SocketReaperHook.READ -> detector.read(socket);
            case SocketReaperHook.READ_NOTHING -> detector.readNothing(socket);
            case SocketReaperHook.END_OF_INPUT -> detector.endOfInput(socket);
            case SocketReaperHook.POLLED_INPUT -> detector.polledInput(socket);
            case SocketReaperHook.READ_ABOVE,
                    SocketReaperHook.END_OF_INPUT_ABOVE,
                    SocketReaperHook.POLLED_INPUT_ABOVE -> above(socket, event);
            case SocketReaperHook.INTEREST_CHANGED -> detector.interestChanged(socket);
            case SocketReaperHook.CLOSED -> detector.closed(socket);
            case SocketReaperHook.HELD_THROUGH -> heldThrough(socket);
            case SocketReaperHook.ACCEPTED -> accepted(socket);
            case SocketReaperHook.OPENED -> detector.opened(socket);
            case SocketReaperHook.RELEASED -> detector.released(socket);
            case SocketReaperHook.WROTE -> detector.wrote(socket);
            case SocketReaperHook.SELECTING -> selections.selecting(socket);
            case SocketReaperHook.SELECTING_FOR_A_TIME -> selections.selectingForATime(socket);
            case SocketReaperHook.SELECTING_NOW -> selections.selectingNow(socket);
            case SocketReaperHook.WOKEN_BY_AGENT -> selections.wokenByAgent(socket);
            case SocketReaperHook.ASKED_FOR_INPUT -> selections.interests().askedForInput((SelectionKey) socket);
            case SocketReaperHook.INTEREST_SEEN -> selections.interests().interestSeen((SelectionKey) socket);
            case SocketReaperHook.FAILED -> failed(socket);
            default -> {}
        }
    }

    /** How long a selection has lasted that is to be repeated, in milliseconds; negative if it is not. */
    @Override
    @ApplicationThread
    public long applyAsLong(Object selector) {
        return selections.lastedInVain(selector);
    }

    /** The events of the reaper thread's own sockets. */
    @ReaperThread
    public HookTrace probed() {
        return probed;
    }

    /** From now on, events of threads of that class are of the agent's own sockets. */
    @AnyThread
    void own(Class<?> threads) {
        ownThreads = threads;
    }

    /**
     * Decides by the exception's class, because its message depends on the language. Other classes, e.g. that of an accept
     * timeout, have other causes.
     */
    private void failed(Object thrown) {
        Class<?> type = thrown.getClass();
        if (type == IOException.class
                || type == SocketException.class
                || type.getName().endsWith(OF_NETTY)) {
            failures.openFailed();
        }
    }

    private void heldThrough(Object socket) {
        if (sockets.isProven()) {
            name(socket);
        } else if (sockets.isListening()) {
            earlyFronts.add(new WeakReference<>(socket));
            if (waitingFronts.incrementAndGet() > MOST_EARLY_FRONTS) {
                nextEarlyFront();
            }
            if (sockets.isProven()) {
                // by now; the thread that proved it may have looked before we added
                nameEarlyFronts();
            }
        }
    }

    /** The socket of an {@code accept} that began before the agent came has not been told as opened. */
    private void accepted(Object socket) {
        Object implementation = sockets.implementationOf(socket);
        if (implementation == null) {
            heldThrough(socket);
        } else if (detector.isUnknown(implementation)) {
            detector.opened(implementation);
            detector.heldThrough(implementation, socket);
        }
    }

    private WeakReference<Object> nextEarlyFront() {
        WeakReference<Object> next = earlyFronts.poll();
        if (next != null) {
            waitingFronts.decrementAndGet();
        }
        return next;
    }

    /** How many sockets wait for the stack's proof. */
    int earlyFronts() {
        return waitingFronts.get();
    }

    /**
     * Names the sockets that were half-closed or accepted before the stack's internals were known. To be called once they may be; any
     * thread.
     */
    void nameEarlyFronts() {
        if (!sockets.isProven()) {
            return;
        }
        for (WeakReference<Object> early = nextEarlyFront(); early != null; early = nextEarlyFront()) {
            Object socket = early.get();
            if (socket != null) {
                Object implementation = sockets.implementationOf(socket);
                if (implementation != null && detector.isUnknown(implementation)) {
                    detector.openedEarly(implementation);
                }
                name(socket);
            }
        }
    }

    private void name(Object socket) {
        Object implementation = sockets.implementationOf(socket);
        if (implementation != null) {
            detector.heldThrough(implementation, socket);
            if (socket.getClass().getName().startsWith(TLS)) {
                detector.readByLayer(implementation);
            }
        }
    }

    /** Something was read from a TLS socket; events name the one below. */
    private void above(Object socket, int event) {
        Object implementation = sockets.implementationOf(socket);
        if (implementation != null) {
            switch (event) {
                case SocketReaperHook.READ_ABOVE -> detector.layerDelivered(implementation);
                case SocketReaperHook.END_OF_INPUT_ABOVE -> {
                    if (sockets.ownsConnection(socket)) {
                        detector.layerEndOfInput(implementation);
                    } else {
                        detector.layerEnded(implementation);
                    }
                }
                default -> detector.polledInput(implementation);
            }
        }
    }
}
