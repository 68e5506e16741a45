package io.socketreaper.agent;

import io.socketreaper.watch.Watch;
import java.util.function.ObjIntConsumer;
import sun.nio.ch.SocketReaperHook;

/**
 * Receives the hook's events on application threads and passes them to the watch; events of the reaper thread's own
 * sockets go to the self-test and nowhere else.
 */
final class Events implements ObjIntConsumer<Object> {
    private final Watch watch;
    private final Thread reaperThread;
    private volatile boolean listening = true;
    private int seenBySelfTest;

    Events(Watch watch, Thread reaperThread) {
        this.watch = watch;
        this.reaperThread = reaperThread;
    }

    @Override
    public void accept(Object socket, int event) {
        if (Thread.currentThread() == reaperThread) {
            seenBySelfTest |= 1 << event;
            return;
        }
        if (!listening) {
            return;
        }
        switch (event) {
            case SocketReaperHook.HALF_CLOSED -> watch.halfClosed(socket);
            case SocketReaperHook.READ -> watch.read(socket);
            case SocketReaperHook.INTEREST_CHANGED -> watch.interestChanged(socket);
            case SocketReaperHook.CLOSED -> watch.closed(socket);
            default -> {
            }
        }
    }

    /** False while the hook is not proven to work: what is heard then would be half a story. */
    boolean listening() {
        return listening;
    }

    void listening(boolean on) {
        listening = on;
    }

    /** True if the reaper thread itself has caused such an event. Reaper thread only. */
    boolean seenBySelfTest(int event) {
        return (seenBySelfTest & 1 << event) != 0;
    }
}
