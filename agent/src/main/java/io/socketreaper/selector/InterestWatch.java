package io.socketreaper.selector;

import io.socketreaper.model.Clock;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the application asks of keys and sees in them. The hook tells of it from a hand-back on, until the last one was long
 * ago. Without a hand-back no key has an interest of the agent, and a healthy connection need not pay for that.
 */
public final class InterestWatch {
    /** Twice as long as a release tries to close a channel at most, nanoseconds. */
    static final long LASTS = TimeUnit.MINUTES.toNanos(20);

    private final Clock clock;
    private @Nullable Consumer<Boolean> tell;
    private final Selections selections;
    private boolean wanted;
    private long lastAt;

    InterestWatch(Clock clock, Selections selections) {
        this.clock = clock;
        this.selections = selections;
    }

    /** How to say whether the hook is to tell of it. Before the first event. */
    public void whenWanted(Consumer<Boolean> tell) {
        this.tell = tell;
    }

    /** A channel is about to be handed back. Reaper thread. */
    public void handsBack() {
        lastAt = clock.nanoTime();
        if (!wanted) {
            want(true);
        }
    }

    /** The application asks for input by that key, whether or not the key does so already. Any thread. */
    public void askedForInput(SelectionKey key) {
        SelectorWork work = selections.workSoFar(key.selector());
        if (work != null) {
            work.askedForInput(key);
        }
    }

    /** The application was told that the key asks for input. Any thread. */
    public void interestSeen(SelectionKey key) {
        SelectorWork work = selections.workSoFar(key.selector());
        if (work != null) {
            work.interestSeen(key);
        }
    }

    /** Reaper thread, now and then. */
    void tick() {
        if (wanted && clock.nanoTime() - lastAt >= LASTS) {
            want(false);
        }
    }

    private void want(boolean told) {
        wanted = told;
        if (tell != null) {
            tell.accept(told);
        }
    }
}
