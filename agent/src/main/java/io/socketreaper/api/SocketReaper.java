package io.socketreaper.api;

import io.socketreaper.bridge.Bridge;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Socket Reaper, as a program sees it that runs with the agent or without. Any thread.
 *
 * <pre>{@code
 * try (var registration = SocketReaper.onLeak(leak -> alarm(leak.site(), leak.text()))) {
 *     run();
 * }
 * }</pre>
 */
public final class SocketReaper {
    private static final Listeners LISTENERS = new Listeners();

    private SocketReaper() {}

    /** Whether the agent is in this JVM, at work or paused. */
    public static boolean isActive() {
        return Bridge.isActive();
    }

    /**
     * Hears of every leak that is found from now on, until the registration is closed. The agent may come later, go and come
     * back. A leak whose release is tried again is reported again.
     *
     * <p>All listeners are called one after the other on the daemon thread {@code socket-reaper-listeners}, which is there
     * as long as they are. Up to 1000 reports wait for a slow one; then the oldest is dropped. What a listener throws is
     * said once on standard error.
     */
    public static Registration onLeak(Consumer<? super LeakReport> listener) {
        return LISTENERS.add(Objects.requireNonNull(listener, "listener"));
    }

    /** A listener that listens. */
    public interface Registration extends AutoCloseable {
        /**
         * From now on the listener is not called any more; a call that is under way goes on. A second close has no effect.
         */
        @Override
        void close();
    }
}
