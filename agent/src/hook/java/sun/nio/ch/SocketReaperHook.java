package sun.nio.ch;

import java.lang.reflect.Field;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.ProtectionDomain;
import java.util.function.ObjIntConsumer;
import java.util.function.ToLongFunction;
import jdk.internal.misc.Unsafe;

/**
 * The only class of Socket Reaper inside {@code java.base}, called by the code that the agent weaves into the socket
 * classes of this package.
 *
 * <p><b>Every application thread runs through here. No lock, no allocation, no thread-local, no logging, and no JDK type
 * that is not loaded in every JVM.</b> The woven code comes here only for a socket whose output is already shut; a
 * healthy socket's read tests one field that the JDK keeps anyway, compares its result with -1, and goes on. With
 * {@code track=all} it comes here also when a socket is opened and closed and when a read returns -1, and while a forgotten socket is
 * being observed when one is read or written.
 *
 * <p>It has no logic: a rare event is forwarded to the delegate, if there is one. The delegate must not throw; what it throws all
 * the same is swallowed here, because an application never fails because the agent did. It is an {@code ObjIntConsumer} because
 * this package sees types of the JDK only.
 */
public final class SocketReaperHook implements ObjIntConsumer<Object> {
    /** The application shut a socket's output; fired after {@code shutdownOutput} has succeeded. */
    public static final int HALF_CLOSED = 1;
    /** A read on a half-closed socket ended and brought bytes; while {@link #traffic} is set, on any socket. */
    public static final int READ = 2;
    /** The interest of a half-closed socket's selection key changed. */
    public static final int INTEREST_CHANGED = 3;
    /** A half-closed socket is about to be closed. */
    public static final int CLOSED = 4;
    /**
     * A {@code java.net.Socket}, perhaps an {@code SSLSocket}, through which the application holds a socket of the JDK: its output was
     * just shut, or with {@code track=all} it was connected or accepted.
     */
    public static final int HELD_THROUGH = 5;

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
    /** The same as {@link #READ}, but without bytes: no input, the end of it, a failure, a timeout. */
    public static final int READ_NOTHING = 11;
    /** A read returned -1; with {@code track=all} on any socket, else on a half-closed one. */
    public static final int END_OF_INPUT = 12;
    /** The application asked how much input a half-closed socket has; while {@link #traffic} is set, any socket. */
    public static final int POLLED_INPUT = 13;
    /** A read on a half-closed TLS socket brought plaintext; names the object the application holds, as the next two do. */
    public static final int READ_ABOVE = 14;
    /** A read of a TLS socket returned -1. */
    public static final int END_OF_INPUT_ABOVE = 15;
    /** The application asked how much plaintext a half-closed TLS socket has. */
    public static final int POLLED_INPUT_ABOVE = 16;
    /**
     * A {@code java.net.Socket} was accepted; with {@code track=all} only. Told beside {@link #OPENED}, and alone if the call of
     * {@code accept} began before the agent came: such a call runs the old code to its end.
     */
    public static final int ACCEPTED = 17;
    /** The same as {@link #SELECTING}, of a selection that waits for a limited time. */
    public static final int SELECTING_FOR_A_TIME = 18;
    /** The agent has woken the selection that is under way; the application, an interrupt or a close have not. */
    public static final int WOKEN_BY_AGENT = 19;
    /** The application asks for input by a selection key, which is told of in place of a socket; only while {@link #handsBack} is set. */
    public static final int ASKED_FOR_INPUT = 20;
    /** The same as {@link #SELECTING}, of a selection that does not wait. */
    public static final int SELECTING_NOW = 21;
    /** The application was told that a selection key asks for input, told of as {@link #ASKED_FOR_INPUT}. */
    public static final int INTEREST_SEEN = 22;

    /**
     * A read of one of Netty's native channels has ended: the first of a range of numbers, for what {@link #accept} is to make of it.
     * To it are added the sign of what the kernel returned, {@link #OUTPUT_SHUT} for a half-closed channel, {@link #ZERO_IS_END} where
     * the end of input is 0 and not less, and {@link #ALL}. So woven code needs no branch, and what is planted no more members.
     */
    public static final int NATIVE_READ = 65;
    /** See {@link #NATIVE_READ}. */
    public static final int OUTPUT_SHUT = 4;
    /** See {@link #NATIVE_READ}; of io_uring. */
    public static final int ZERO_IS_END = 8;
    /** See {@link #NATIVE_READ}: the end of input is told of channels that are not half-closed, too. */
    public static final int ALL = 16;

    /** Goes up with every change of what woven code calls: this class outlives the agent that brought it. */
    public static final int VERSION = 6;

    /** What a read returns at the end of input. */
    private static final int END = -1;

    /** Whether reads and writes of sockets that are not half-closed are to be told; with {@code track=all} only. */
    public static volatile boolean traffic;
    /** Whether selections are to be told. */
    public static volatile boolean selections;
    /** Whether a selection key may ask for input because of the agent. */
    public static volatile boolean handsBack;

    private static final Unsafe UNSAFE = Unsafe.getUnsafe();
    /** Offset of {@code AsynchronousSocketChannelImpl.writeShutdown}; 0 while it is not known. */
    private static long asynchronousOutputShut;

    private static volatile ObjIntConsumer<Object> delegate;
    private static volatile ToLongFunction<Object> repeats;

    private SocketReaperHook() {}

    /** Installs the receiver of all events, or with null removes it. */
    public static void delegate(ObjIntConsumer<Object> receiver) {
        if (receiver == null) {
            // Before another agent sees that there is none any more, and sets them itself.
            repeats = null;
            traffic = false;
            selections = false;
            handsBack = false;
        }
        delegate = receiver;
    }

    /**
     * Installs what decides whether a selection is repeated; the delegate's removal removes it.
     *
     * @param decision returns how long the selection has lasted, in milliseconds, or a negative number if it is not repeated; it must
     *                 not throw either
     */
    public static void repeats(ToLongFunction<Object> decision) {
        repeats = decision;
    }

    /** True while a receiver is installed; a second agent in the same JVM sees it and stays out. */
    public static boolean isTaken() {
        return delegate != null;
    }

    public static void halfClosed(Object socket) {
        forward(socket, HALF_CLOSED);
    }

    /** A read has ended; {@code completed} tells whether it brought bytes. */
    public static void read(boolean completed, Object socket) {
        forward(socket, completed ? READ : READ_NOTHING);
    }

    /**
     * What woven code of earlier versions calls. Such a version can be attached after this one was detached, without a new JVM; it then
     * uses this class and does not check its {@link #VERSION}.
     */
    public static void read(Object socket) {
        forward(socket, READ);
    }

    /** A read has ended, and it is not known yet whether it brought bytes. */
    public static void readEnded(Object socket) {
        forward(socket, READ_NOTHING);
    }

    /** A read is about to return {@code result}; {@code told} is whether the end of input is to be told. */
    public static void returned(int result, boolean told, Object socket) {
        if (result == END && told) {
            forward(socket, END_OF_INPUT);
        }
    }

    /** The same for a read that returns a long. */
    public static void returned(long result, boolean told, Object socket) {
        if (result == END && told) {
            forward(socket, END_OF_INPUT);
        }
    }

    /**
     * A read of an asynchronous channel has brought that many bytes, or the end of input; told before its handler is.
     *
     * @param all whether the end of input is told of channels that are not half-closed, too
     */
    public static void completed(int count, boolean all, Object channel) {
        if (count > 0) {
            if (traffic || isOutputShut(channel)) {
                forward(channel, READ);
            }
        } else if (count == END && (all || isOutputShut(channel))) {
            forward(channel, END_OF_INPUT);
        }
    }

    /** A field that is private to the base class, while the reads end in the subclass. */
    private static boolean isOutputShut(Object channel) {
        long offset = asynchronousOutputShut;
        return offset != 0 && UNSAFE.getBoolean(channel, offset);
    }

    /** Finds out how {@link #completed} is to know a half-closed channel. */
    public static void prepareAsynchronous() {
        asynchronousOutputShut = UNSAFE.objectFieldOffset(AsynchronousSocketChannelImpl.class, "writeShutdown");
    }

    /** The application asks how much input there is. */
    public static void polledInput(Object socket) {
        forward(socket, POLLED_INPUT);
    }

    public static void interestChanged(Object socket) {
        forward(socket, INTEREST_CHANGED);
    }

    /** The application sets or adds an interest; told also if the key has it already, of which the JDK tells no selector. */
    public static void asked(int interest, Object key) {
        if ((interest & SelectionKey.OP_READ) != 0 && handsBack) {
            forward(key, ASKED_FOR_INPUT);
        }
    }

    /** The application is told the interest of a key. If that is what it wants, it need not ask for it. */
    public static void seen(int interest, Object key) {
        if ((interest & SelectionKey.OP_READ) != 0 && handsBack) {
            forward(key, INTEREST_SEEN);
        }
    }

    public static void closed(Object socket) {
        forward(socket, CLOSED);
    }

    /** Tells {@link #HELD_THROUGH}. */
    public static void heldThrough(Object socket) {
        forward(socket, HELD_THROUGH);
    }

    public static void opened(Object socket) {
        forward(socket, OPENED);
    }

    /** Tells {@link #ACCEPTED}. */
    public static void accepted(Object socket) {
        forward(socket, ACCEPTED);
    }

    /** {@code closed} is what {@code tryClose} returns: false while the descriptor must stay. */
    public static void released(boolean closed, Object socket) {
        if (closed) {
            forward(socket, RELEASED);
        }
    }

    /**
     * A read of a TLS socket is about to return {@code result}.
     *
     * @param all whether the end of input is told of sockets that are not half-closed, too
     */
    public static void returnedAbove(int result, boolean halfClosed, boolean all, Object socket) {
        if (result > 0) {
            if (halfClosed || traffic) {
                forward(socket, READ_ABOVE);
            }
        } else if (result == END && (halfClosed || all)) {
            forward(socket, END_OF_INPUT_ABOVE);
        }
    }

    /**
     * The caller was told how much plaintext there is.
     *
     * @param reading whether the caller is a read, which asks, too, and goes on below if there is none
     */
    public static void polledAbove(int available, boolean reading, boolean halfClosed, Object socket) {
        if ((available > 0 || !reading) && (halfClosed || traffic)) {
            forward(socket, POLLED_INPUT_ABOVE);
        }
    }

    /** A part of a file begins to be sent there, or has been. */
    public static void transferred(Object target) {
        if (traffic && target instanceof SocketChannelImpl) {
            forward(target, WROTE);
        }
    }

    public static void wrote(Object socket) {
        forward(socket, WROTE);
    }

    public static void selecting(Object selector) {
        forward(selector, SELECTING);
    }

    /** A selection begins that waits for so many milliseconds; less than 0: until it is woken, 0: not at all. */
    public static void selecting(long timeout, Object selector) {
        forward(selector, timeout > 0 ? SELECTING_FOR_A_TIME : timeout < 0 ? SELECTING : SELECTING_NOW);
    }

    /**
     * The selection that is under way has seen that its selector was woken. In the lock in which the selector is woken. Not told of while
     * selections are not: the beginning of the next one would not be told either, and would not put an end to it.
     *
     * @param byOthers by the application, an interrupt or a close; then it does not matter whether the agent has done it, too
     */
    public static void woken(boolean byOthers, Object selector) {
        if (!byOthers && selections) {
            forward(selector, WOKEN_BY_AGENT);
        }
    }

    /**
     * A selection is about to return {@code selected}. If it found no key, and only because the agent has woken it, it is repeated: without
     * the agent it would not have returned. Then the next selection has been told of.
     *
     * @return the timeout to select with; 0 if the selection is to return
     */
    public static long repeat(int selected, long timeout, Object selector) {
        if (selected != 0 || timeout == 0 || !selections) {
            return 0;
        }
        long lasted = lasted(selector);
        if (lasted < 0 || timeout > 0 && lasted >= timeout) {
            return 0;
        }
        forward(selector, SELECTING);
        if (!((Selector) selector).isOpen() || Thread.currentThread().isInterrupted()) {
            return 0;
        }
        return timeout < 0 ? timeout : timeout - lasted;
    }

    private static long lasted(Object selector) {
        ToLongFunction<Object> decision = repeats;
        if (decision != null) {
            try {
                return decision.applyAsLong(selector);
            } catch (Throwable undecided) {
                // as in forward
            }
        }
        return -1;
    }

    public static void failed(Object thrown) {
        forward(thrown, FAILED);
    }

    /** An event of a framework's own sockets, told by a class that was {@link #plant planted}. */
    @Override
    public void accept(Object socket, int event) {
        if (event >= NATIVE_READ - 1) {
            nativeRead(socket, event - (NATIVE_READ - 1));
        } else if (event != WROTE || traffic) {
            forward(socket, event);
        }
    }

    private static void nativeRead(Object channel, int code) {
        boolean halfClosed = (code & OUTPUT_SHUT) != 0;
        int sign = (code & OUTPUT_SHUT - 1) - 1;
        if (halfClosed || traffic) {
            forward(channel, sign > 0 ? READ : READ_NOTHING);
        }
        if (sign == ((code & ZERO_IS_END) != 0 ? 0 : -1) && (halfClosed || (code & ALL) != 0)) {
            forward(channel, END_OF_INPUT);
        }
    }

    /**
     * Defines a class beside one of a framework's own classes, in its loader and package, so that woven code can call it
     * even if that loader hides other classes; its static field {@code delegate} passes events on to this class, and so outlives any one
     * agent. Does nothing if the class is there.
     *
     * @param name internal name of the class
     */
    public static void plant(ClassLoader loader, ProtectionDomain domain, String name, byte[] classFile)
            throws ReflectiveOperationException {
        Class<?> planted;
        try {
            planted = UNSAFE.defineClass(name, classFile, 0, classFile.length, loader, domain);
        } catch (LinkageError failed) {
            if (failed.getClass() == LinkageError.class) {
                // it is there already: the subclasses say other things
                return;
            }
            throw failed;
        }
        Field field = planted.getDeclaredField("delegate");
        UNSAFE.putReferenceVolatile(
                UNSAFE.staticFieldBase(field), UNSAFE.staticFieldOffset(field), new SocketReaperHook());
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
