package io.socketreaper.runtime;

import io.socketreaper.config.Settings;
import io.socketreaper.control.Control;
import io.socketreaper.control.ControlException;
import io.socketreaper.jfr.JfrOutlet;
import io.socketreaper.jmx.JmxOutlet;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * JMX and JFR: as a transformer it notices that the JDK's classes are loaded, because the application or somebody who looks
 * at it uses them, and only then loads ours. The JDK calls foreign code there, e.g. listeners that want to hear of new MBeans,
 * so the work is done on a thread of its own, which lives while there is any.
 */
final class JdkOutlets implements ClassFileTransformer, LongSupplier, IntSupplier, Executor, AutoCloseable {
    /**
     * Loaded when somebody looks for an MBean server, creates one, and fills the platform's. They come before the server is
     * there, so it is looked for again and again, ever more seldom until the next of them comes.
     */
    private static final String[] OF_JMX = {
        "javax/management/MBeanServerFactory", "com/sun/jmx/mbeanserver/JmxMBeanServer", "sun/management/RuntimeImpl"
    };
    /** Loaded when the flight recorder is initialised. */
    private static final String OF_JFR = "jdk/jfr/internal/PlatformRecorder";

    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long SELDOM = TimeUnit.SECONDS.toNanos(30);
    private static final long END_SECONDS = 5;

    private final Control control;
    private final Reaper reaper;
    private final boolean jmxWanted;
    private final boolean jfrWanted;

    private volatile int jmxSigns;
    private volatile boolean jfrLoaded;
    private volatile boolean jmxOpen;
    private volatile boolean closed;
    private volatile int stackDepth;

    // -- The reaper thread

    private int jmxSignsSeen;
    private long nextLook;
    private long pause;
    private long nextJfr;
    private boolean jfrTried;
    private boolean jfrBegun;
    private volatile BackgroundTasks errands;

    // -- The errands' thread

    private AutoCloseable jmx;
    private AutoCloseable jfr;

    JdkOutlets(Control control, Reaper reaper, Settings settings) {
        this.control = control;
        this.reaper = reaper;
        this.jmxWanted = settings.jmx();
        this.jfrWanted = settings.jfr();
        this.stackDepth = settings.stackDepth();
    }

    // -- Any thread that loads a class

    @Override
    public byte[] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] bytes) {
        if (loader == null && name != null && loaded(name)) {
            reaper.wake();
        }
        return null;
    }

    /** A class of the boot loader is loaded; true if that matters. */
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

    // -- The reaper thread

    /** To be called in every round; returns nanoseconds until it wants to be, {@link Long#MAX_VALUE} for no need. */
    @Override
    public long getAsLong() {
        return Math.min(jfr(), jmx());
    }

    // In both the next try is set first: a thread that cannot be started must not be asked for in every round.

    private long jfr() {
        if (!jfrLoaded || jfrBegun) {
            return Long.MAX_VALUE;
        }
        long now = System.nanoTime();
        if (!jfrTried || nextJfr - now <= 0) {
            if (!reaper.headroom().isThereFor("the look at JFR")) {
                return reaper.headroom().pause();
            }
            jfrTried = true;
            nextJfr = now + SELDOM;
            begin(new BeginJfr());
            jfrBegun = true;
            return Long.MAX_VALUE;
        }
        return nextJfr - now;
    }

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
            if (!reaper.headroom().isThereFor("the look at JMX")) {
                return reaper.headroom().pause();
            }
            nextLook = now + pause;
            pause = Math.min(2 * pause, SELDOM);
            begin(new LookForServer());
        }
        return nextLook - now;
    }

    private void begin(Runnable errand) {
        if (errands == null) {
            errands = new BackgroundTasks(Reaper.daemons("socket-reaper-outlets"), reaper.failures());
        }
        execute(errand);
    }

    // -- Any thread

    /** Does it soon, on a thread that may wait; what is more than fits into its queue is dropped and counted. */
    @Override
    public void execute(Runnable errand) {
        if (!closed) {
            errands.execute(errand);
        }
    }

    /** Other settings hold from now on. */
    void settings(Settings changed) {
        stackDepth = changed.stackDepth();
    }

    /** Frames of a stack. */
    @Override
    public int getAsInt() {
        return stackDepth;
    }

    // Named classes instead of lambdas: JFR may be in use before the application's first line.

    private final class LookForServer implements Runnable {
        @Override
        public void run() {
            if (jmxOpen || closed) {
                return;
            }
            try {
                jmx = JmxOutlet.open(control, reaper.sinks(), JdkOutlets.this);
                jmxOpen = jmx != null;
            } catch (ControlException busy) {
                // it is looked for the server again
            } catch (Exception | LinkageError failed) {
                jmxOpen = true;
                reaper.failures().happened("the MBeans could not be registered", failed);
            }
        }
    }

    private final class BeginJfr implements Runnable {
        @Override
        public void run() {
            if (jfr != null) {
                // of a try whose thread came late
                return;
            }
            try {
                jfr = JfrOutlet.open(control, reaper.sinks(), JdkOutlets.this, JdkOutlets.this);
            } catch (RuntimeException | LinkageError failed) {
                reaper.failures().happened("there will be no JFR events", failed);
            }
        }
    }

    /** Any thread, once the reaper thread has ended. */
    @Override
    public void close() throws Exception {
        closed = true;
        if (errands == null) {
            return;
        }
        errands.end(END_SECONDS);
        if (jfr != null) {
            jfr.close();
        }
        if (jmx != null) {
            jmx.close();
        }
    }
}
