package io.socketreaper.runtime;

import io.socketreaper.model.Clock;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.thread.ReaperThread;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Weaves the classes of a stack anew of which one could not be woven when it was loaded: the stack of that thread was used up, or the memory. */
final class LateWeaving implements RoundTask {
    /** By then the class is loaded. Each try doubles the time to the next, up to the most. */
    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);

    private static final long MOST_PAUSE = TimeUnit.MINUTES.toNanos(1);

    private final Clock clock;
    private final List<StackGuard> guards;
    private final Instrumentation instrumentation;
    private boolean isDue;
    private long due;
    private long pause = FIRST_PAUSE;

    LateWeaving(Clock clock, List<StackGuard> guards, Instrumentation instrumentation) {
        this.clock = clock;
        this.guards = guards;
        this.instrumentation = instrumentation;
    }

    @Override
    @ReaperThread
    public long run() {
        if (!hasMissed()) {
            return Long.MAX_VALUE;
        }
        long now = clock.nanoTime();
        if (!isDue) {
            isDue = true;
            due = now + pause;
        }
        if (now - due < 0) {
            return due - now;
        }
        isDue = false;
        pause = Math.min(2 * pause, MOST_PAUSE);
        for (StackGuard guard : guards) {
            if (guard.hasMissed()) {
                guard.weavesMissed();
                weave(guard);
            }
        }
        return 0;
    }

    private boolean hasMissed() {
        for (StackGuard guard : guards) {
            if (guard.hasMissed()) {
                return true;
            }
        }
        return false;
    }

    /** A class that cannot be woven now either is missed again. */
    private void weave(StackGuard guard) {
        StackWeaving weaving = guard.weaving();
        for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
            if (weaving.weaves(loaded.getClassLoader(), loaded.getName().replace('.', '/'))) {
                try {
                    instrumentation.retransformClasses(loaded);
                } catch (UnmodifiableClassException | RuntimeException | LinkageError failed) {
                    guard.refused(failed);
                } catch (VirtualMachineError usedUp) {
                    guard.missed();
                    return;
                }
            }
        }
    }
}
