package sun.nio.ch;

import java.util.function.ObjIntConsumer;

/**
 * The only class of Socket Reaper inside {@code java.base}, called by the code that the agent weaves into the socket
 * classes of this package.
 *
 * <p><b>Every application thread runs through here. No lock, no allocation, no thread-local, no logging, and no JDK type
 * that is not loaded in every JVM.</b> The woven code comes here only for a socket whose output is already shut; a
 * healthy socket's read tests one field that the JDK keeps anyway and goes on.
 *
 * <p>It has no logic: a rare event is forwarded to the delegate, and nothing happens while there is none. The delegate
 * must not throw; what it throws all the same ends here, because an application never fails because the agent did.
 */
public final class SocketReaperHook {
    /** The application shut a socket's output; fired after {@code shutdownOutput} has succeeded. */
    public static final int HALF_CLOSED = 1;
    /** A read on a half-closed socket ended, with bytes or without, normally or not. */
    public static final int READ = 2;
    /** The interest of a half-closed socket's selection key changed. */
    public static final int INTEREST_CHANGED = 3;
    /** A half-closed socket is about to be closed. */
    public static final int CLOSED = 4;
    /** A {@code java.net.Socket} whose output was just shut; names the object the application holds. */
    public static final int FRONT = 5;

    private static volatile ObjIntConsumer<Object> delegate;

    private SocketReaperHook() {
    }

    /** Installs the receiver of all events, or with null removes it. */
    public static void delegate(ObjIntConsumer<Object> receiver) {
        delegate = receiver;
    }

    /** True while a receiver is installed; a second agent in the same JVM sees it and stays out. */
    public static boolean isTaken() {
        return delegate != null;
    }

    public static void halfClosed(Object socket) {
        forward(socket, HALF_CLOSED);
    }

    public static void read(Object socket) {
        forward(socket, READ);
    }

    public static void interestChanged(Object socket) {
        forward(socket, INTEREST_CHANGED);
    }

    public static void closed(Object socket) {
        forward(socket, CLOSED);
    }

    public static void front(Object socket) {
        forward(socket, FRONT);
    }

    private static void forward(Object socket, int event) {
        ObjIntConsumer<Object> receiver = delegate;
        if (receiver != null) {
            try {
                receiver.accept(socket, event);
            } catch (Throwable lost) {
                // StackOverflowError in a deep caller, OutOfMemoryError: the event is lost, the application is not.
            }
        }
    }
}
