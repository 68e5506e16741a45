package io.socketreaper.stack.nio;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.selector.Selections;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketStack;
import io.socketreaper.stack.StackWeaving;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The JDK's {@code ServerSocketChannel}s, watched with {@code track=all} only: they are neither read nor half-closed. */
public final class ServerSocketStack extends SocketStack {
    /** {@code ServerSocketChannelImpl.ST_CLOSING} and {@code ST_CLOSED}. */
    private static final int CLOSING = 1;

    private static final int CLOSED = 2;

    private final Selections selections;
    private Selectors selectors;
    private VarHandle state;
    private VarHandle stateLock;
    private VarHandle fd;
    private VarHandle fdVal;
    private VarHandle localAddress;

    public ServerSocketStack(Descriptors descriptors, Selections selections) {
        super("ServerSocketChannel", "sun.nio.ch.ServerSocketChannelImpl", descriptors);
        this.selections = selections;
    }

    @Override
    public void resolveMembers(@Nullable Class<?> ofJdk) throws ReflectiveOperationException {
        Class<?> type = Objects.requireNonNull(ofJdk);
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        selectors = new Selectors(selections);
        state = lookup.findVarHandle(type, "state", int.class);
        stateLock = lookup.findVarHandle(type, "stateLock", Object.class);
        fd = lookup.findVarHandle(type, "fd", FileDescriptor.class);
        fdVal = lookup.findVarHandle(type, "fdVal", int.class);
        localAddress = lookup.findVarHandle(type, "localAddress", SocketAddress.class);
    }

    @Override
    public StackWeaving weaving(boolean all) {
        return new ServerSocketWeaving(all);
    }

    @Override
    public HookProbe hookProbe(HookTrace trace, boolean all) {
        return new ServerSocketHookProbe(trace, all);
    }

    @Override
    public boolean isWatched(boolean all) {
        return all;
    }

    @Override
    public SocketHandle newHandle(Object socket) {
        return new NioServerSocket(this, socket);
    }

    Selectors selectors() {
        return selectors;
    }

    boolean isClosed(Object channel) {
        return (int) state.get(channel) >= CLOSING;
    }

    boolean isFreed(Object channel) {
        return (int) state.get(channel) >= CLOSED;
    }

    Object stateLock(Object channel) {
        return stateLock.get(channel);
    }

    FileDescriptor fd(Object channel) {
        return (FileDescriptor) fd.get(channel);
    }

    int descriptor(Object channel) {
        return (int) fdVal.get(channel);
    }

    SocketAddress localAddress(Object channel) {
        return (SocketAddress) localAddress.get(channel);
    }
}
