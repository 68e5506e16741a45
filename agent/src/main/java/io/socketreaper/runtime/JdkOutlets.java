package io.socketreaper.runtime;

import io.socketreaper.config.Settings;
import io.socketreaper.control.ControlException;
import io.socketreaper.descriptor.DescriptorHeadroom;
import io.socketreaper.jfr.JfrOutlet;
import io.socketreaper.jmx.JmxOutlet;
import io.socketreaper.leak.InternalFailures;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.thread.AnyThread;
import io.socketreaper.thread.DaemonThreads;
import io.socketreaper.thread.ReaperThread;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens JMX and JFR: as a transformer it notices that the JDK's classes are loaded, because the application or a tool uses them, and only
 * then
 * loads those of the agent. The JDK calls foreign code there, e.g. listeners that want to hear of new MBeans, so the work is done by
 * {@link BackgroundTasks}.
 */
final class JdkOutlets implements ClassFileTransformer, RoundTask, AutoCloseable {
    /**
     * Loaded when a program looks for an MBean server, creates one, and fills the platform's. They are loaded before the server is
     * there, so the agent looks for it repeatedly, at growing intervals until the next of them is loaded.
     */
    private static final String[] OF_JMX = {
        "javax/management/MBeanServerFactory", "com/sun/jmx/mbeanserver/JmxMBeanServer", "sun/management/RuntimeImpl"
    };
    /** Loaded when the flight recorder is initialised. */
    private static final String OF_JFR = "jdk/jfr/internal/PlatformRecorder";

    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long SELDOM = TimeUnit.SECONDS.toNanos(30);
    private static final long END_SECONDS = 5;

    private final AgentRequests requests;
    private final ReaperLoop loop;
    private final LeakSinks sinks;
    private final DescriptorHeadroom headroom;
    private final InternalFailures failures;
    private final StackDepth stackDepth;
    private final boolean jmxWanted;
    private final boolean jfrWanted;

    private volatile int jmxSigns;
    private volatile boolean jfrLoaded;
    private volatile boolean jmxOpen;
    private volatile boolean closed;

    @ReaperThread
    private int jmxSignsSeen;

    @ReaperThread
    private long nextLook;

    @ReaperThread
    private long pause;

    @ReaperThread
    private long nextJfr;

    @ReaperThread
    private boolean jfrTried;

    @ReaperThread
    private boolean jfrBegun;

    /** Null before the first task. */
    private volatile @Nullable BackgroundTasks tasks;

    // The fields below belong to the thread of the tasks, and after its end to that of close().

    private @Nullable AutoCloseable jmx;
    private @Nullable AutoCloseable jfr;

    JdkOutlets(AgentRequests requests, Assembly parts, Settings settings) {
        this.requests = requests;
        this.loop = parts.loop();
        this.sinks = parts.sinks();
        this.headroom = parts.headroom();
        this.failures = parts.failures();
        this.stackDepth = new StackDepth(requests);
        this.jmxWanted = settings.jmx();
        this.jfrWanted = settings.jfr();
    }

    /** Called by every thread that loads a class. */
    @Override
    @AnyThread
    public byte @Nullable [] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
        if (loader == null && name != null && loaded(name)) {
            loop.wake();
        }
        return null;
    }

    /** A class of the boot loader is loaded; true if that matters. */
    @AnyThread
    boolean loaded(String internalName) {
        if (jfrWanted && internalName.equals(OF_JFR)) {
            jfrLoaded = true;
            return true;
        }
        if (jmxWanted && !jmxOpen) {
            for (String sign : OF_JMX) {
                if (internalName.equals(sign)) {
                    synchronized (this) {
                        jmxSigns++;
                    }
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    @ReaperThread
    public long run() {
        return Math.min(jfr(), jmx());
    }

    // In both the next try is set first: a thread that cannot be started must not be asked for in every round.

    @ReaperThread
    private long jfr() {
        if (!jfrLoaded || jfrBegun) {
            return Long.MAX_VALUE;
        }
        long now = System.nanoTime();
        if (!jfrTried || nextJfr - now <= 0) {
            if (!headroom.isThereFor("the look at JFR")) {
                return headroom.pause();
            }
            jfrTried = true;
            nextJfr = now + SELDOM;
            begin(new BeginJfr());
            jfrBegun = true;
            return Long.MAX_VALUE;
        }
        return nextJfr - now;
    }

    @ReaperThread
    private long jmx() {
        int signs = jmxSigns;
        if (signs == 0 || jmxOpen) {
            return Long.MAX_VALUE;
        }
        long now = System.nanoTime();
        if (signs != jmxSignsSeen) {
            jmxSignsSeen = signs;
            pause = SOON;
            nextLook = now;
        }
        if (nextLook - now <= 0) {
            if (!headroom.isThereFor("the look at JMX")) {
                return headroom.pause();
            }
            nextLook = now + pause;
            pause = Math.min(2 * pause, SELDOM);
            begin(new LookForServer());
        }
        return nextLook - now;
    }

    @ReaperThread
    private void begin(Runnable task) {
        BackgroundTasks background = tasks;
        if (background == null) {
            background = new BackgroundTasks(new DaemonThreads("socket-reaper-outlets"), failures);
            tasks = background;
        }
        if (!closed) {
            background.execute(task);
        }
    }

    // Named classes instead of lambdas: JFR may be in use before the application's first line.

    private final class LookForServer implements Runnable {
        @Override
        public void run() {
            if (jmxOpen || closed) {
                return;
            }
            try {
                jmx = JmxOutlet.open(requests, sinks, Objects.requireNonNull(tasks));
                jmxOpen = jmx != null;
            } catch (ControlException busy) {
                // look for the server again
            } catch (Exception | LinkageError failed) {
                jmxOpen = true;
                failures.happened("the MBeans could not be registered", failed);
            }
        }
    }

    private final class BeginJfr implements Runnable {
        @Override
        public void run() {
            if (jfr != null) {
                // the thread of an earlier try has come late
                return;
            }
            try {
                jfr = JfrOutlet.open(requests, sinks, Objects.requireNonNull(tasks), stackDepth);
            } catch (RuntimeException | LinkageError failed) {
                failures.happened("the JFR events could not be registered", failed);
            }
        }
    }

    /** Called once the reaper thread has ended. */
    @Override
    public void close() throws Exception {
        closed = true;
        if (tasks == null) {
            return;
        }
        tasks.end(END_SECONDS);
        if (jfr != null) {
            jfr.close();
        }
        if (jmx != null) {
            jmx.close();
        }
    }
}
