package io.socketreaper.stack;

import java.io.FileDescriptor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The fields by which {@code SocketChannelImpl} and {@code NioSocketImpl} guard their descriptor; both name them alike, in
 * JDK 17, 21 and 25.
 */
public final class StateLockFields {
    private final VarHandle readLock;
    private final VarHandle writeLock;
    private final VarHandle stateLock;
    private final VarHandle state;
    private final VarHandle fd;
    private final VarHandle inputClosed;
    private final VarHandle outputClosed;
    private final VarHandle connectionReset;
    private final int connected;

    /**
     * @param fdOwner   the class that declares {@code fd}
     * @param connected the value of {@code state} while the socket is connected and neither closing nor closed; the next
     *                  two are "closing" and "closed"
     * @throws ReflectiveOperationException naming the member that this JDK lacks
     */
    public StateLockFields(Class<?> type, Class<?> fdOwner, int connected) throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        this.readLock = lookup.findVarHandle(type, "readLock", ReentrantLock.class);
        this.writeLock = lookup.findVarHandle(type, "writeLock", ReentrantLock.class);
        this.stateLock = lookup.findVarHandle(type, "stateLock", Object.class);
        this.state = lookup.findVarHandle(type, "state", int.class);
        this.fd = MethodHandles.privateLookupIn(fdOwner, MethodHandles.lookup())
                .findVarHandle(fdOwner, "fd", FileDescriptor.class);
        this.inputClosed = lookup.findVarHandle(type, "isInputClosed", boolean.class);
        this.outputClosed = lookup.findVarHandle(type, "isOutputClosed", boolean.class);
        this.connectionReset = lookup.findVarHandle(type, "connectionReset", boolean.class);
        this.connected = connected;
    }

    /** Held by every reader for as long as it reads. Taken before {@link #writeLock}. */
    public ReentrantLock readLock(Object socket) {
        return (ReentrantLock) readLock.get(socket);
    }

    /** Held by every writer for as long as it writes. Taken before {@link #stateLock}. */
    public ReentrantLock writeLock(Object socket) {
        return (ReentrantLock) writeLock.get(socket);
    }

    /** Held by the thread that frees the descriptor, after the state has left "connected". */
    public Object stateLock(Object socket) {
        return stateLock.get(socket);
    }

    public boolean isConnected(Object socket) {
        return (int) state.get(socket) == connected;
    }

    /** Whether the application has begun to close it. */
    public boolean isClosed(Object socket) {
        return (int) state.get(socket) > connected;
    }

    /** Whether the descriptor has been closed. */
    boolean isFreed(Object socket) {
        return (int) state.get(socket) > connected + 1;
    }

    public int state(Object socket) {
        return (int) state.get(socket);
    }

    /** Whether a read of the application was told that the connection was reset. Under {@link #readLock}. */
    boolean isReset(Object socket) {
        return (boolean) connectionReset.get(socket);
    }

    public FileDescriptor fd(Object socket) {
        return (FileDescriptor) fd.get(socket);
    }

    boolean isInputClosed(Object socket) {
        return (boolean) inputClosed.get(socket);
    }

    boolean isOutputClosed(Object socket) {
        return (boolean) outputClosed.get(socket);
    }

    /**
     * Leaves the state "connected" for the one in which the JDK takes a socket that is about to be closed: every later read and write
     * throws. Under {@link #stateLock}, and while no thread reads or writes.
     */
    void close(Object socket) {
        state.setVolatile(socket, connected + 1);
    }

    /**
     * Leaves the state "connected" for the one before {@code connect}: every later read and write throws a {@code NotYetConnectedException}.
     * As {@link #close}.
     */
    void disconnect(Object socket) {
        state.setVolatile(socket, connected - 2);
    }

    /** The JDK's own state after {@code shutdownInput}, guarded by {@link #readLock}: every later read returns -1. */
    public void inputHasEnded(Object socket) {
        connectionReset.set(socket, false);
        inputClosed.set(socket, true);
    }

    /** The JDK's own state, guarded by {@link #readLock}: every later read throws "Connection reset". */
    void condemn(Object socket) {
        connectionReset.set(socket, true);
    }
}
