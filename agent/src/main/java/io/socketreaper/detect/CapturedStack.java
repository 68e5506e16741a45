package io.socketreaper.detect;

import io.socketreaper.leak.StackOrigin;
import io.socketreaper.thread.ReaperThread;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a socket was half-closed or opened. The stack is taken on the application's thread and turned into frames
 * when it is needed, on the reaper thread.
 */
final class CapturedStack {
    /** The simple name of the hook, and of its stand-in beside a framework's classes. */
    private static final String HOOK = ".SocketReaperHook";

    private static final int OWN_FRAMES = 12;
    private static final StackTraceElement[] NO_FRAMES = {};
    /** Of sockets that were not accepted. */
    static final int NO_PORT = -1;
    /** Of sockets that one place has accepted on very many ports. */
    private static final int SEVERAL_PORTS = -2;

    private static final int MOST_PORTS = 16;

    /** Opened when more sockets were being opened than stacks are sampled, or in one place more than are kept. */
    static final CapturedStack NOT_SAMPLED = new CapturedStack(StackOrigin.OPENED_NOT_SAMPLED);
    /** Found by an agent that was attached later. */
    static final CapturedStack BEFORE_ATTACH = new CapturedStack(StackOrigin.BEFORE_ATTACH);

    private final StackOrigin stackOrigin;
    private final String thread;
    private @Nullable Throwable trace;
    private StackTraceElement @Nullable [] frames;
    private int port = NO_PORT;
    /** They were accepted, and when a sweep met the first of them it could not tell on which port. */
    private boolean lacksPort;

    /** Of the first stack of a place: how many others there are for other ports. */
    private int ports;

    private @Nullable CapturedStack nextPort;
    /**
     * The site of the sockets that were opened there; null before the first sweep that meets one, and of those without a stack. Set by the
     * reaper thread; other threads read only its final fields and {@link OpenSite#usesWanted}.
     */
    @Nullable
    OpenSite openSite;

    /**
     * Takes the stack of the calling thread.
     *
     * @param thread empty where many sockets share the stack
     */
    CapturedStack(StackOrigin stackOrigin, String thread) {
        this(stackOrigin, thread, new Throwable());
    }

    CapturedStack(StackOrigin stackOrigin, String thread, Throwable trace) {
        this.stackOrigin = stackOrigin;
        this.thread = thread;
        this.trace = trace;
    }

    /** The calling thread half-closes a socket. */
    static CapturedStack halfClosed() {
        return new CapturedStack(StackOrigin.HALF_CLOSED, nameOf(Thread.currentThread()));
    }

    private CapturedStack(StackOrigin stackOrigin) {
        this.stackOrigin = stackOrigin;
        this.thread = "";
        this.frames = NO_FRAMES;
    }

    /** Virtual threads mostly have no name. */
    static String nameOf(Thread thread) {
        String name = thread.getName();
        return name.isEmpty() ? thread.toString() : name;
    }

    StackOrigin stackOrigin() {
        return stackOrigin;
    }

    String thread() {
        return thread;
    }

    /** Innermost frame first, without the agent's own. */
    @ReaperThread
    StackTraceElement[] stack() {
        StackTraceElement[] known = frames;
        if (known == null) {
            known = withoutOwn(Objects.requireNonNull(trace).getStackTrace());
            frames = known;
            trace = null;
        }
        return known;
    }

    /** The port on which the sockets were accepted; {@link #NO_PORT} if they were not, or it is not known, or there are very many. */
    int port() {
        return port == SEVERAL_PORTS ? NO_PORT : port;
    }

    /**
     * The same place for sockets accepted on that port. A place that accepts on more than {@value #MOST_PORTS} has no port: it is one that
     * opens a port for each connection, as FTP does.
     */
    @ReaperThread
    CapturedStack on(int other) {
        if (port == other || other == NO_PORT || port == SEVERAL_PORTS) {
            return this;
        }
        for (CapturedStack known = this; ; known = known.nextPort) {
            if (known.port == other) {
                return known;
            }
            if (known.nextPort == null) {
                if (++ports >= MOST_PORTS) {
                    port = SEVERAL_PORTS;
                    openSite = null;
                    return this;
                }
                known.nextPort = new CapturedStack(this, other);
            }
        }
    }

    private CapturedStack(CapturedStack same, int port) {
        this.stackOrigin = same.stackOrigin;
        this.thread = same.thread;
        this.frames = same.stack();
        this.port = port;
    }

    /** Its sockets were accepted on that port. */
    @ReaperThread
    void acceptedOn(int listening) {
        port = listening;
    }

    /** Its sockets were accepted on a port that they cannot tell yet. */
    @ReaperThread
    void acceptedOnUntoldPort() {
        lacksPort = true;
    }

    /** Whether each of its sockets is to be moved to its port once it can tell it. */
    boolean lacksPort() {
        return lacksPort;
    }

    /** Replaces the frames by an equal array that many share. */
    void shareStack(StackTraceElement[] same) {
        frames = same;
    }

    /** That of an opened socket whose site no sweep has named yet. */
    boolean isWithoutSite() {
        return openSite == null && stackOrigin == StackOrigin.OPENED;
    }

    /** True while it holds a whole stack of its own, some kilobytes. */
    boolean isBulky() {
        return trace != null;
    }

    /** The innermost frames are the agent's own, down to the hook. */
    private static StackTraceElement[] withoutOwn(StackTraceElement[] all) {
        int first = 0;
        for (int i = 0; i < all.length && i < OWN_FRAMES; i++) {
            if (all[i].getClassName().endsWith(HOOK)) {
                first = i + 1;
            }
        }
        return Arrays.copyOfRange(all, first, all.length);
    }
}
