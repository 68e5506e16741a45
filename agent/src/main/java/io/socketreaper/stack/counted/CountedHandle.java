package io.socketreaper.stack.counted;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.OpenState;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import java.lang.ref.WeakReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One object of what is only counted. It never shows a sign of a leak. Its descriptor is open until the hook tells of the close: also after
 * the object was collected, unless the JDK closes it then.
 */
final class CountedHandle extends WeakReference<Object> implements SocketHandle {
    private static final Endpoints NO_ENDS = new Endpoints(null, null);

    private final CountedStack stack;
    /** -1 before it is known. */
    private int descriptor = -1;
    /** The object was collected, and its descriptor was open after that. */
    private boolean leftOpen;

    CountedHandle(CountedStack stack, Object object) {
        super(object);
        this.stack = stack;
    }

    @Override
    public boolean is(@Nullable Object object) {
        return refersTo(object);
    }

    @Override
    public boolean isSame(SocketHandle other) {
        if (other == this) {
            return true;
        }
        Object object = get();
        return object != null && other.is(object);
    }

    @Override
    public int identity() {
        return System.identityHashCode(get());
    }

    @Override
    public void opened(Object object) {
        if (stack.isProven()) {
            descriptor = stack.numberOf(object);
        }
    }

    /**
     * Whether it is still open. A system call once at most, after the object was collected: from then on only native code could close the
     * descriptor.
     */
    @Override
    public QuickCheck quickCheck() {
        if (!stack.isListening()) {
            // The hook may not have told of its close.
            return QuickCheck.GONE;
        }
        if (leftOpen || !stack.isProven()) {
            return QuickCheck.FINE;
        }
        if (descriptor < 0) {
            Object object = get();
            if (object != null) {
                descriptor = stack.numberOf(object);
            }
        }
        return !refersTo(null) || staysOpen() ? QuickCheck.FINE : QuickCheck.GONE;
    }

    private boolean staysOpen() {
        if (descriptor < 0 || stack.counted().isReclaimed()) {
            return false;
        }
        String link = stack.descriptors().link(descriptor);
        leftOpen = link != null && link.startsWith(stack.counted().link());
        return leftOpen || Descriptors.UNKNOWN.equals(link);
    }

    @Override
    public OpenState openState() {
        return leftOpen ? CountedState.UNREACHABLE : stack.counted().state();
    }

    @Override
    public int onlyCounted() {
        return stack.counted().descriptors();
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    /** Not asked for: it tells lost sockets of TCP from those that are known. */
    @Override
    public long inode() {
        return 0;
    }

    @Override
    public Endpoints endpoints() {
        return NO_ENDS;
    }

    @Override
    public Endpoints findEndpoints() {
        Object object = stack.isProven() ? get() : null;
        return object == null ? NO_ENDS : new Endpoints(null, stack.remoteAddress(object));
    }

    @Override
    public SocketSnapshot snapshot() {
        return SocketSnapshot.inUse();
    }

    @Override
    public @Nullable Claim claim(Predicate<SocketSnapshot> leaked) {
        return null;
    }
}
