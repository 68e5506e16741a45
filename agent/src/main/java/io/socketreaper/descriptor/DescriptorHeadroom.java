package io.socketreaper.descriptor;

import io.socketreaper.model.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;

/**
 * Keeps the agent from initialising a class of the JDK while few descriptors are free. Some classes open descriptors or load a
 * native library in their static initialiser; if that fails once they stay broken until the JVM ends. On JDK 17 a broken
 * {@code sun.nio.ch.FileDispatcherImpl} closes no socket and opens no file channel any more.
 *
 * <p>A task that waits is named once in the log, and by {@code status} as long as it waits. Any thread. It is a
 * {@code BooleanSupplier} because the part of the agent in the application's class loader asks it, too, and knows no class of this
 * one.
 */
public final class DescriptorHeadroom implements BooleanSupplier {
    /** A self-test opens up to 8, and the application goes on meanwhile. */
    public static final int NEEDED = 16;
    /** The time between the two counts that a yes needs: an application that is using descriptors up has fewer at the second. */
    private static final long APART = TimeUnit.MILLISECONDS.toNanos(50);
    /** An older count does not tell what the application does now. */
    private static final long RECENT = TimeUnit.SECONDS.toNanos(2);

    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(250);
    /** Before Linux 6.2 counting takes long in a process with many descriptors: so many times its length is slept. */
    private static final int REST = 50;

    private static final String OF_FILE_CHANNELS = "sun.nio.ch.FileDispatcherImpl";

    private final DescriptorUse descriptors;
    private final Clock clock;
    private final Logger log;
    private final Set<String> waiting = new LinkedHashSet<>();
    private final Set<String> said = new HashSet<>();
    private long cost;
    /** The earlier count, and whether there is one. */
    private int earlierFree;

    private long earlierAt;
    private boolean counted;
    /** What the last count said, which holds for {@link #pause}. */
    private boolean few;

    private long fewAt;

    public DescriptorHeadroom(DescriptorUse descriptors, Clock clock, Logger log) {
        this.descriptors = descriptors;
        this.clock = clock;
        this.log = log;
    }

    /** A task will soon ask: a first count now spares it a wait then. */
    public synchronized void expect() {
        long now = clock.nanoTime();
        if (!counted || now - earlierAt > RECENT) {
            remember(descriptors.free(), now);
        }
    }

    /**
     * Whether it may begin.
     *
     * @param what begins the log's sentence and the status's line, e.g. {@code the self-test of Socket}
     */
    public boolean isThereFor(String what) {
        int free;
        boolean first;
        synchronized (this) {
            long now = clock.nanoTime();
            if (few && now - fewAt < pause() && said.contains(what)) {
                return false;
            }
            free = descriptors.free();
            cost = clock.nanoTime() - now;
            few = free < NEEDED;
            if (free == Integer.MAX_VALUE) {
                waiting.remove(what);
                return true;
            }
            if (!few) {
                long age = now - earlierAt;
                if (!counted || age > RECENT) {
                    remember(free, now);
                    return false;
                }
                if (age < APART) {
                    return false;
                }
                int taken = Math.max(0, earlierFree - free);
                if (free - taken >= NEEDED) {
                    waiting.remove(what);
                    return true;
                }
                remember(free, now);
                return false;
            }
            remember(free, now);
            fewAt = now;
            waiting.add(what);
            first = said.add(what);
        }
        if (first) {
            log.warn(
                    "{} waits until {} descriptors are free, now {} are: a class of the JDK that is initialised when none is left may"
                            + " stay broken until the JVM ends",
                    what,
                    NEEDED,
                    free);
        }
        return false;
    }

    private void remember(int free, long now) {
        earlierFree = free;
        earlierAt = now;
        counted = true;
    }

    /** Forgets earlier counts: more descriptors may be free now, and not for long. */
    public synchronized void forget() {
        few = false;
        counted = false;
    }

    /** Nanoseconds after which it may be asked again. */
    public synchronized long pause() {
        return Math.max(few ? SOON : APART, REST * cost);
    }

    /** Whether it waits because there are few. */
    public synchronized boolean refuses(String what) {
        return waiting.contains(what);
    }

    /** What {@link #isThereFor} has refused because there are few, a sentence each. */
    public synchronized List<String> waiting() {
        var sentences = new ArrayList<String>();
        for (String what : waiting) {
            sentences.add(what + " waits until " + NEEDED + " descriptors are free");
        }
        return sentences;
    }

    /**
     * Initialises the class that would break, at once after {@link #isThereFor} has said yes: what comes later may take its time.
     *
     * @throws LinkageError if it is broken
     */
    public static void initialiseWhatMayBreak() throws ReflectiveOperationException {
        Class.forName(OF_FILE_CHANNELS, true, null);
    }

    /** Whether a {@code FileChannel} may be opened. */
    @Override
    public boolean getAsBoolean() {
        try {
            return JdkClasses.isInitialised(OF_FILE_CHANNELS) || descriptors.free() >= NEEDED;
        } catch (ReflectiveOperationException unknownInternals) {
            return descriptors.free() >= NEEDED;
        }
    }
}
