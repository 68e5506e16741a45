package io.socketreaper.agent;

import io.socketreaper.watch.Watch;
import java.util.function.ObjIntConsumer;

/**
 * Receives the hook's events on application threads and passes them to the watch; events of the reaper thread's own
 * sockets go to the self-test and nowhere else. The numbers are those of {@code sun.nio.ch.SocketReaperHook}.
 */
final class Events implements ObjIntConsumer<Object> {
    static final int HALF_CLOSED = 1;
    static final int READ = 2;
    static final int INTEREST_CHANGED = 3;
    static final int CLOSED = 4;

    private final Watch watch;
    private final Thread reaperThread;
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
        switch (event) {
            case HALF_CLOSED -> watch.halfClosed(socket);
            case READ -> watch.read(socket);
            case INTEREST_CHANGED -> watch.interestChanged(socket);
            case CLOSED -> watch.closed(socket);
            default -> {
            }
        }
    }

    /** True if the reaper thread itself has caused such an event. Reaper thread only. */
    boolean seenBySelfTest(int event) {
        return (seenBySelfTest & 1 << event) != 0;
    }
}
