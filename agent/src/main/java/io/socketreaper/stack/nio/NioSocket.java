package io.socketreaper.stack.nio;

import io.socketreaper.descriptor.Kernel;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.owner.Owner;
import io.socketreaper.selector.Attachments;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.EventLoopClaim;
import io.socketreaper.stack.SocketLayer;
import io.socketreaper.stack.StreamClaim;
import io.socketreaper.stack.StreamSocketHandle;
import io.socketreaper.stack.tls.TlsLayer;
import java.io.FileDescriptor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Socket;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A {@link SocketChannel} of the JDK, TCP or unix-domain. */
public final class NioSocket extends StreamSocketHandle {
    /** Constants, which the compiler needs on the one path that every channel takes. Initialised before the stack is proven. */
    static final class Fields {
        static final VarHandle FD;
        static final VarHandle NUMBER;
        static final VarHandle KEYS;

        static {
            try {
                Class<?> type = Class.forName("sun.nio.ch.SocketChannelImpl");
                MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
                FD = lookup.findVarHandle(type, "fd", FileDescriptor.class);
                NUMBER = lookup.findVarHandle(type, "fdVal", int.class);
                KEYS = MethodHandles.privateLookupIn(AbstractSelectableChannel.class, MethodHandles.lookup())
                        .findVarHandle(AbstractSelectableChannel.class, "keys", SelectionKey[].class);
            } catch (ReflectiveOperationException unknownInternals) {
                throw new ExceptionInInitializerError(unknownInternals);
            }
        }
    }

    /** The mark of a channel of which a selection key was seen with an attachment. */
    private static final int ATTACHED = FIRST_MARK;
    /** The mark of a channel whose keys were looked at when its output was shut. */
    private static final int LOOKED_AT_HALF_CLOSE = 2 * FIRST_MARK;

    NioSocket(NioStack stack, Object channel) {
        // The JDK never closes the descriptor of a dropped channel.
        super(stack, channel, false);
    }

    NioStack channels() {
        return (NioStack) stack();
    }

    /** Final in the JDK: it outlives the close. */
    public static int number(Object channel) {
        return (int) Fields.NUMBER.get(channel);
    }

    @Override
    public void opened(Object channel) {
        if (stack().isProven()) {
            note((FileDescriptor) Fields.FD.get(channel), number(channel));
        }
    }

    /** Without the lock of the keys: a key that is registered at this moment may be missed, and a later look sees it. */
    @Override
    public void halfClosed(Object channel) {
        if (stack().isProven()) {
            mark(hasAttachment(channel) ? LOOKED_AT_HALF_CLOSE | ATTACHED : LOOKED_AT_HALF_CLOSE);
        }
    }

    @Override
    public void observe(Object channel) {
        if (hasAttachment(channel)) {
            mark(ATTACHED);
        }
    }

    /** Whether a selection key was ever seen with an attachment. */
    boolean hadAttachment() {
        return has(ATTACHED);
    }

    /** Whether it is known if a selection key had an attachment when the output was shut. */
    boolean wasLookedAtWhenHalfClosed() {
        return has(LOOKED_AT_HALF_CLOSE);
    }

    private static boolean hasAttachment(Object channel) {
        var keys = (SelectionKey[]) Fields.KEYS.get(channel);
        if (keys != null) {
            for (SelectionKey key : keys) {
                if (key != null && key.isValid() && !Attachments.isBare(key.attachment())) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    protected int held(Object channel) {
        return Owner.heldInput(channels().selectors().keys(channel));
    }

    /** An {@code SSLSocket} that the application has put before the channel's adaptor. */
    @Override
    public void heldThrough(Object socket) {
        Object channel = get();
        if (channel != null) {
            channels().tlsSockets().put(channel, (Socket) socket);
        }
    }

    @Override
    public @Nullable SocketLayer layer(Object channel) {
        Socket held = channels().tlsSockets().get(channel);
        return held == null
                ? null
                : Objects.requireNonNull(TlsLayer.ofThisJdk()).layer(held);
    }

    @Override
    public boolean isOpen(Object channel) {
        return ((SocketChannel) channel).isOpen();
    }

    @Override
    public boolean isUnused(Object channel) {
        return channels().isUnused(channel);
    }

    @Override
    public boolean isConnecting(Object channel) {
        return channels().isConnecting(channel);
    }

    @Override
    public boolean isRegistered(Object channel) {
        return ((SocketChannel) channel).isRegistered();
    }

    @Override
    public boolean isUnix(Object channel) {
        return channels().isUnixSocket(channel);
    }

    /** An abandoned selector will never report that its keys are ready. */
    @Override
    public Interest interest(Object channel) {
        int wanted = 0;
        int told = 0;
        SelectionKey[] keys = channels().selectors().keys(channel);
        if (keys.length > 0) {
            // Long before a release needs to know which thread selects.
            channels().selections().want();
        }
        for (SelectionKey key : keys) {
            try {
                if (key != null) {
                    int ops = key.interestOps();
                    if (!Attachments.isBare(key.attachment())) {
                        mark(ATTACHED);
                    }
                    wanted |= ops;
                    told |= ops != 0 && !channels().selectors().isAbandoned(key.selector()) ? ops : 0;
                }
            } catch (CancelledKeyException noLonger) {
                // a cancelled key has no interest
            }
        }
        return new Interest(
                (told & SelectionKey.OP_READ) != 0, (told & SelectionKey.OP_WRITE) != 0, wanted != 0 && told == 0);
    }

    @Override
    public String selectorsOf(Object channel) {
        SelectionKey[] keys = channels().selectors().keys(channel);
        return isOpen(channel)
                ? channels().selectors().describeAbandoned(keys)
                : channels().selectors().describe(keys);
    }

    @Override
    public int descriptor(Object channel) {
        return number(channel);
    }

    @Override
    public Endpoints endpoints(Object channel) {
        return channels().endpoints(channel);
    }

    @Override
    public StreamClaim condemned(Object channel, StreamClaim.Condemned condemned) {
        SelectionKey[] keys = channels().selectors().keys(channel);
        return new NioClaim(this, (SocketChannel) channel, condemned, Owner.of(keys));
    }

    @Override
    protected boolean mustNotReadReset(Object channel) {
        return !Owner.of(channels().selectors().keys(channel)).handsBack();
    }

    @Override
    public Claim closed(Object channel, SocketSnapshot snapshot) {
        return new ClosedChannelClaim((SocketChannel) channel, channels().selectors(), snapshot);
    }

    /** If its owner has an event loop, that loop claims it, behind all tasks that the application has queued there. */
    @Override
    public @Nullable Claim claimOpen(Object channel, Predicate<SocketSnapshot> leaked) {
        Owner owner = Owner.of(channels().selectors().keys(channel));
        Executor eventLoop = owner.eventLoop();
        if (eventLoop != null) {
            var asked = new EventLoopClaim(
                    owner.name(), snapshot(channel), () -> owner.isInUse() ? null : claimNow(channel, leaked));
            if (!leaked.test(asked.snapshot())) {
                return null;
            }
            if (asked.ask(eventLoop)) {
                return asked;
            }
        }
        return owner.isInUse() ? null : claimNow(channel, leaked);
    }

    /** Makes a selector report the channel as readable: if no input is there, its input is shut, which the peer is not told of. */
    void makeReady(Object channel) {
        synchronized (channels().fields().stateLock(channel)) {
            if (!isOpen(channel) || !channels().fields().isConnected(channel)) {
                return;
            }
            try {
                FileDescriptor fd = channels().fields().fd(channel);
                if (channels().kernel().pollNow(fd, Kernel.POLLIN) == 0) {
                    channels().kernel().shutInput(fd);
                }
            } catch (Throwable ended) {
                // then it is ready
            }
        }
    }

    @Override
    public void nothingIsMissing(Object channel) {
        channels().inputHasEnded(channel);
    }
}
