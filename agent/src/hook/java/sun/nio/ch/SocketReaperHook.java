package sun.nio.ch;

import java.lang.reflect.Field;
import java.security.ProtectionDomain;
import java.util.function.ObjIntConsumer;
import jdk.internal.misc.Unsafe;

/**
 * The only class of Socket Reaper inside {@code java.base}, called by the code that the agent weaves into the socket
 * classes of this package.
 *
 * <p><b>Every application thread runs through here. No lock, no allocation, no thread-local, no logging, and no JDK type
 * that is not loaded in every JVM.</b> The woven code comes here only for a socket whose output is already shut; a
 * healthy socket's read tests one field that the JDK keeps anyway and goes on. With {@code track=all} it comes here also
 * when a socket is opened and closed, and while a forgotten socket is being observed when one is read or written.
 *
 * <p>It has no logic: a rare event is forwarded to the delegate, and nothing happens while there is none. The delegate
 * must not throw; what it throws all the same ends here, because an application never fails because the agent did.
 */
public final class SocketReaperHook implements ObjIntConsumer<Object> {
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

    /** A socket was opened or accepted; with {@code track=all} only. */
    public static final int OPENED = 6;
    /** A socket's descriptor was closed; with {@code track=all} only. */
    public static final int RELEASED = 7;
    /** A write on a socket ended; only while {@link #traffic} is set. */
    public static final int WROTE = 8;
    /** A selection begins on a selector; only while {@link #selections} is set. */
    public static final int SELECTING = 9;
    /** Opening or accepting a socket failed with an exception. */
    public static final int FAILED = 10;

    /** Whether reads and writes of sockets that are not half-closed are to be told; with {@code track=all} only. */
    public static volatile boolean traffic;
    /** Whether selections are to be told. */
    public static volatile boolean selections;

    private static volatile ObjIntConsumer<Object> delegate;

    private SocketReaperHook() {
    }

    /** Installs the receiver of all events, or with null removes it. */
    public static void delegate(ObjIntConsumer<Object> receiver) {
        delegate = receiver;
        if (receiver == null) {
            traffic = false;
            selections = false;
        }
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

    public static void opened(Object socket) {
        forward(socket, OPENED);
    }

    /** {@code closed} is what {@code tryClose} returns: false while the descriptor must stay. */
    public static void released(boolean closed, Object socket) {
        if (closed) {
            forward(socket, RELEASED);
        }
    }

    public static void wrote(Object socket) {
        forward(socket, WROTE);
    }

    public static void selecting(Object selector) {
        forward(selector, SELECTING);
    }

    public static void failed(Object thrown) {
        forward(thrown, FAILED);
    }

    /** An event of a framework's own sockets, told by a class that was {@link #plant planted}. */
    @Override
    public void accept(Object socket, int event) {
        if (event != WROTE || traffic) {
            forward(socket, event);
        }
    }

    /**
     * Defines a class beside one of a framework's own classes, in its loader and package, so that woven code can call it
     * whatever that loader hides; its static field {@code delegate} passes events on to this class, and so outlives any one
     * agent. Does nothing if it is there.
     *
     * @param name internal name of the class
     */
    public static void plant(ClassLoader loader, ProtectionDomain domain, String name, byte[] classFile)
            throws ReflectiveOperationException {
        Unsafe unsafe = Unsafe.getUnsafe();
        Class<?> planted;
        try {
            planted = unsafe.defineClass(name, classFile, 0, classFile.length, loader, domain);
        } catch (LinkageError failed) {
            if (failed.getClass() == LinkageError.class) {
                // it is there already: the subclasses say other things
                return;
            }
            throw failed;
        }
        Field field = planted.getDeclaredField("delegate");
        unsafe.putReferenceVolatile(unsafe.staticFieldBase(field), unsafe.staticFieldOffset(field), new SocketReaperHook());
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
