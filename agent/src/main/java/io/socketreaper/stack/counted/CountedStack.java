package io.socketreaper.stack.counted;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.JdkClasses;
import io.socketreaper.stack.HookProbe;
import io.socketreaper.stack.HookTrace;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketStack;
import io.socketreaper.stack.StackWeaving;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is only counted, with {@code track=all}; each class of {@link Counted} is switched on and off by itself. */
public final class CountedStack extends SocketStack {
    private static final String NET = "sun.nio.ch.Net";

    private final Counted counted;
    private VarHandle number;
    /** The field with the peer of a datagram channel; null for classes without one. */
    private @Nullable VarHandle remoteAddress;

    public CountedStack(Counted counted, Descriptors descriptors) {
        super(counted.word(), counted.className(), descriptors);
        this.counted = counted;
    }

    @Override
    public StackWeaving weaving(boolean all) {
        return new CountedWeaving(counted);
    }

    @Override
    public @Nullable HookProbe hookProbe(HookTrace trace, boolean all) {
        // An asynchronous listener needs a group with threads, for what is seldom more than one.
        return counted == Counted.ASYNC_LISTENER ? null : new CountedHookProbe(trace, counted);
    }

    /** No leak is found among them. */
    @Override
    public boolean isWatched(boolean all) {
        return false;
    }

    @Override
    public String consequenceOfOff() {
        return "None of them is counted";
    }

    /** The self-test and the kernel's calls need the class {@code Net}, which a selector or a pipe does not initialise. */
    @Override
    public boolean isInitialised() throws ReflectiveOperationException {
        return super.isInitialised() && JdkClasses.isInitialised(NET);
    }

    @Override
    public void resolveMembers(@Nullable Class<?> ofJdk) throws ReflectiveOperationException {
        Class<?> type = Objects.requireNonNull(ofJdk);
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        number = lookup.findVarHandle(type, counted.numberField(), int.class);
        if (counted == Counted.DATAGRAM) {
            remoteAddress = lookup.findVarHandle(type, "remoteAddress", InetSocketAddress.class);
        }
    }

    @Override
    public SocketHandle newHandle(Object object) {
        return new CountedHandle(this, object);
    }

    @Override
    public int numberOf(Object object) {
        return (int) number.get(object);
    }

    Counted counted() {
        return counted;
    }

    /** Where an object sends to; null if it is not connected. After {@link #proven}. */
    @Nullable
    SocketAddress remoteAddress(Object object) {
        return remoteAddress == null ? null : (SocketAddress) remoteAddress.get(object);
    }
}
