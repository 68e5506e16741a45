package io.socketreaper.stack;

import java.nio.channels.Selector;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import sun.nio.ch.SocketReaperHook;

/** Remembers which events of the hook the reaper thread's own sockets have caused. Reaper thread only. */
public final class HookTrace {
    /** Which call of the application causes an event, by the event's number. */
    private static final String[] NAMES = {
        "",
        "shutdownOutput",
        "read",
        "interestOps",
        "close",
        "Socket.shutdownOutput",
        "open",
        "release",
        "write",
        "select",
        "failure",
        "a read without bytes",
        "the end of input",
        "available",
        "a read of TLS",
        "the end of input of TLS",
        "available of TLS",
        "accept",
        "select for a time",
        "wake up",
        "interestOps for input",
        "selectNow",
        "a look at interestOps"
    };

    /** A bit for each event, by its number. */
    private int heard;
    /** The class that the probe is about; null if that is a socket. */
    private @Nullable Class<?> only;

    /** Forgets all events, before a probe of sockets begins. */
    public void begin() {
        begin(null);
    }

    /** The same for a probe of another class: only events of its objects count. */
    public void begin(@Nullable Class<?> type) {
        heard = 0;
        only = type;
    }

    /**
     * An event of an object of the reaper thread's own. A selector that the probe of a socket needs is opened and released, too, which
     * says nothing of the socket.
     *
     * @param event its number in {@link SocketReaperHook}
     */
    public void add(Object socket, int event) {
        if (only == null ? !(socket instanceof Selector) : socket.getClass() == only) {
            heard |= 1 << event;
        }
    }

    /** The events that are told of every socket with {@code track=all}, beside those of a half-closed one. */
    public static int[] withAll(int... halfClosed) {
        int[] all = Arrays.copyOf(halfClosed, halfClosed.length + 3);
        all[halfClosed.length] = SocketReaperHook.OPENED;
        all[halfClosed.length + 1] = SocketReaperHook.WROTE;
        all[halfClosed.length + 2] = SocketReaperHook.RELEASED;
        return all;
    }

    /** The result of a probe: it fails if one of these events was not received. */
    public HookProbe.Result result(int... expected) {
        String missed = missed(expected);
        return missed.isEmpty()
                ? new HookProbe.Result(true, false, "")
                : new HookProbe.Result(false, true, "the hook received no event for " + missed);
    }

    /**
     * The same, for a stack that is watched although some events do not come: its reports then contain less, and an ambiguous
     * observation counts as a sign of use.
     *
     * @param optional events that are only named in the result's text if they are missing
     */
    public HookProbe.Result result(int[] expected, int... optional) {
        HookProbe.Result result = result(expected);
        String missed = result.passed() ? missed(optional) : "";
        return missed.isEmpty()
                ? result
                : new HookProbe.Result(
                        true,
                        false,
                        "self-test passed, but on this JDK (" + System.getProperty("java.runtime.version")
                                + ") the hook receives no event for " + missed);
    }

    private String missed(int... events) {
        var missed = new StringBuilder();
        for (int event : events) {
            if ((heard & 1 << event) == 0) {
                missed.append(missed.length() == 0 ? "" : ", ").append(NAMES[event]);
            }
        }
        return missed.toString();
    }
}
