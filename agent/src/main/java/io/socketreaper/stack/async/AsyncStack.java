package io.socketreaper.stack.async;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.JdkClasses;
import io.socketreaper.model.Endpoints;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketStack;
import io.socketreaper.stack.StackWeaving;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.jspecify.annotations.Nullable;

/** The JDK's {@code AsynchronousSocketChannel}s. */
public final class AsyncStack extends SocketStack {
    /** {@code AsynchronousSocketChannelImpl.ST_UNCONNECTED} and {@code ST_CONNECTED}. */
    private static final int UNCONNECTED = 0;

    private static final int CONNECTED = 2;

    private final ThreadFactory probeThreads;
    private VarHandle state;
    private VarHandle fd;
    private VarHandle localAddress;
    private VarHandle remoteAddress;
    private VarHandle closeLock;
    private VarHandle readLock;
    private VarHandle reading;
    private VarHandle readShutdown;
    private VarHandle readKilled;
    private VarHandle writeLock;
    private VarHandle writing;
    private VarHandle writeShutdown;
    private MethodHandle fdVal;
    private MethodHandle newProvider;
    /** Null before they are asked for. */
    private @Nullable AcceptHandlers acceptHandlers;

    /** @param probeThreads makes the thread of the self-test's group */
    public AsyncStack(Descriptors descriptors, ThreadFactory probeThreads) {
        super("AsynchronousSocketChannel", "sun.nio.ch.UnixAsynchronousSocketChannelImpl", descriptors);
        this.probeThreads = probeThreads;
    }

    /** A server has no channel before its first client comes, and then a hundred of them may come at once. */
    @Override
    public boolean isInitialised() throws ReflectiveOperationException {
        return super.isInitialised() || JdkClasses.isInitialised("sun.nio.ch.UnixAsynchronousServerSocketChannelImpl");
    }

    @Override
    public void resolveMembers(@Nullable Class<?> ofJdk) throws ReflectiveOperationException {
        Class<?> type = Objects.requireNonNull(ofJdk);
        Class<?> base = type.getSuperclass();
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(base, MethodHandles.lookup());
        state = lookup.findVarHandle(base, "state", int.class);
        fd = lookup.findVarHandle(base, "fd", FileDescriptor.class);
        localAddress = lookup.findVarHandle(base, "localAddress", InetSocketAddress.class);
        remoteAddress = lookup.findVarHandle(base, "remoteAddress", InetSocketAddress.class);
        closeLock = lookup.findVarHandle(base, "closeLock", ReadWriteLock.class);
        readLock = lookup.findVarHandle(base, "readLock", Object.class);
        reading = lookup.findVarHandle(base, "reading", boolean.class);
        readShutdown = lookup.findVarHandle(base, "readShutdown", boolean.class);
        readKilled = lookup.findVarHandle(base, "readKilled", boolean.class);
        writeLock = lookup.findVarHandle(base, "writeLock", Object.class);
        writing = lookup.findVarHandle(base, "writing", boolean.class);
        writeShutdown = lookup.findVarHandle(base, "writeShutdown", boolean.class);
        Class<?> ioUtil = Class.forName("sun.nio.ch.IOUtil");
        fdVal = MethodHandles.privateLookupIn(ioUtil, MethodHandles.lookup())
                .findStatic(ioUtil, "fdVal", MethodType.methodType(int.class, FileDescriptor.class));
        Class<?> providers = Class.forName("sun.nio.ch.DefaultAsynchronousChannelProvider");
        newProvider = MethodHandles.privateLookupIn(providers, MethodHandles.lookup())
                .findStatic(providers, "create", MethodType.methodType(AsynchronousChannelProvider.class));
    }

    @Override
    public StackWeaving weaving(boolean all) {
        return new AsyncWeaving(all);
    }

    @Override
    public HookProbe hookProbe(HookTrace trace, boolean all) {
        return new AsyncHookProbe(trace, all, probeThreads);
    }

    @Override
    public SocketHandle newHandle(Object socket) {
        return new AsyncSocket(this, socket);
    }

    /** The handlers that may have accepted a channel; looked for when the first is asked for, because few are. Reaper thread. */
    List<Object> acceptHandlers(Object channel) {
        try {
            if (acceptHandlers == null) {
                acceptHandlers = new AcceptHandlers();
            }
            return acceptHandlers.of(channel, System.nanoTime());
        } catch (ReflectiveOperationException | RuntimeException | LinkageError notTold) {
            return List.of();
        }
    }

    /** The JDK's own provider, even if the application has configured another. After {@link #resolve}. */
    public AsynchronousChannelProvider asynchronousProvider() {
        try {
            return (AsynchronousChannelProvider) newProvider.invokeExact();
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    boolean isConnected(Object channel) {
        return (int) state.getVolatile(channel) == CONNECTED;
    }

    /** Neither connected, connecting nor bound. */
    boolean isUnused(Object channel) {
        return (int) state.getVolatile(channel) == UNCONNECTED && localAddress.getVolatile(channel) == null;
    }

    FileDescriptor fd(Object channel) {
        return (FileDescriptor) fd.get(channel);
    }

    int descriptor(Object channel) {
        try {
            return (int) fdVal.invokeExact(fd(channel));
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    Endpoints endpoints(Object channel) {
        return new Endpoints((InetSocketAddress) localAddress.getVolatile(channel), (InetSocketAddress)
                remoteAddress.getVolatile(channel));
    }

    /**
     * Held by every thread that uses the descriptor. A close marks the channel as closed under the other half of this lock, and
     * frees the descriptor after that.
     */
    Lock useLock(Object channel) {
        return closeLock(channel).readLock();
    }

    ReadWriteLock closeLock(Object channel) {
        return (ReadWriteLock) closeLock.get(channel);
    }

    /** A monitor that the JDK holds for a few instructions at a time. Taken before {@link #writeLock}. */
    Object readLock(Object channel) {
        return readLock.get(channel);
    }

    /** A monitor that the JDK holds for a few instructions at a time. */
    Object writeLock(Object channel) {
        return writeLock.get(channel);
    }

    /** Whether a read is under way or pending. Under {@link #readLock}. */
    boolean isReading(Object channel) {
        return (boolean) reading.get(channel);
    }

    /** Under {@link #readLock}. */
    boolean isInputShut(Object channel) {
        return (boolean) readShutdown.get(channel);
    }

    /** Whether a write is under way or pending. Under {@link #writeLock}. */
    boolean isWriting(Object channel) {
        return (boolean) writing.get(channel);
    }

    /** Only a hint without {@link #writeLock}. */
    boolean isOutputShut(Object channel) {
        return (boolean) writeShutdown.getOpaque(channel);
    }

    /**
     * The JDK's own state, under {@link #readLock} and while no read is pending: every later read throws
     * {@code IllegalStateException}, as it does after a read that timed out.
     */
    void condemn(Object channel) {
        readKilled.set(channel, true);
    }

    /**
     * The JDK's own state after {@code shutdownInput}, under {@link #readLock}: every later read returns -1. For a channel
     * whose input has ended in order, and of which no input was discarded.
     */
    void inputHasEnded(Object channel) {
        readShutdown.set(channel, true);
    }
}
