package io.socketreaper.agent;

import io.socketreaper.socket.SocketStack;
import io.socketreaper.watch.Watch;
import java.util.function.ObjIntConsumer;
import sun.nio.ch.SocketReaperHook;

/**
 * Receives the hook's events on application threads and passes them to the watch; events of the reaper thread's own
 * sockets go to the self-test and nowhere else.
 */
final class Events implements ObjIntConsumer<Object> {
    /** What the application does when an event fires, by the event's number. */
    private static final String[] NAMES = {"", "shutdownOutput", "read", "interestOps", "close", "Socket.shutdownOutput"};

    private final Watch watch;
    private final SocketStack sockets;
    private final Thread reaperThread;
    private int seenBySelfTest;

    Events(Watch watch, SocketStack sockets, Thread reaperThread) {
        this.watch = watch;
        this.sockets = sockets;
        this.reaperThread = reaperThread;
    }

    @Override
    public void accept(Object socket, int event) {
        if (Thread.currentThread() == reaperThread) {
            seenBySelfTest |= 1 << event;
            return;
        }
        switch (event) {
            case SocketReaperHook.HALF_CLOSED -> watch.halfClosed(socket);
            case SocketReaperHook.READ -> watch.read(socket);
            case SocketReaperHook.INTEREST_CHANGED -> watch.interestChanged(socket);
            case SocketReaperHook.CLOSED -> watch.closed(socket);
            case SocketReaperHook.FRONT -> {
                Object implementation = sockets.implementationOf(socket);
                if (implementation != null) {
                    watch.front(implementation, socket);
                }
            }
            default -> {
            }
        }
    }

    /** Whether the reaper thread has caused each of these events. Reaper thread only. */
    SelfTest.Result selfTestResult(int... expected) {
        var missed = new StringBuilder();
        for (int event : expected) {
            if ((seenBySelfTest & 1 << event) == 0) {
                missed.append(missed.length() == 0 ? "" : ", ").append(NAMES[event]);
            }
        }
        return missed.length() == 0 ? new SelfTest.Result(true, false, "")
                : new SelfTest.Result(false, true, "the hook heard nothing of " + missed);
    }

    /** Forgets what the reaper thread has caused so far. Reaper thread only. */
    void newSelfTest() {
        seenBySelfTest = 0;
    }
}
