package io.socketreaper.stack;

import io.socketreaper.model.CountedState;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.OpenState;
import io.socketreaper.model.SocketSnapshot;
import java.lang.ref.WeakReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An object that is only counted, such as a selector. It never shows a sign of a leak. Its descriptor is open until the hook tells of the
 * close: also after the object was collected, unless the JDK closes it then.
 */
public abstract class CountedObject extends WeakReference<Object> implements SocketHandle {
    /** No end is known. */
    protected static final Endpoints NO_ENDS = new Endpoints(null, null);

    private final SocketStack stack;
    /** The object was collected, and its descriptor was open after that. */
    private boolean leftOpen;

    protected CountedObject(SocketStack stack, Object object) {
        super(object);
        this.stack = stack;
    }

    /** What it is. */
    protected abstract CountedState state();

    /**
     * Whether the descriptor of the object, which was collected and not closed before, is open still. Asked until it is; from then on only
     * native code could close it. Null if it cannot be told now.
     */
    protected abstract @Nullable Boolean staysOpen();

    /** Finds out what can be asked only while the object is there. */
    protected void look() {}

    @Override
    public final QuickCheck quickCheck() {
        if (!stack.isListening()) {
            // The hook may not have told of its close.
            return QuickCheck.GONE;
        }
        if (leftOpen) {
            return QuickCheck.FINE;
        }
        look();
        if (!refersTo(null)) {
            return QuickCheck.FINE;
        }
        Boolean stays = staysOpen();
        leftOpen = Boolean.TRUE.equals(stays);
        return Boolean.FALSE.equals(stays) ? QuickCheck.GONE : QuickCheck.FINE;
    }

    @Override
    public final OpenState openState() {
        return leftOpen ? CountedState.UNREACHABLE : state();
    }

    @Override
    public final boolean is(@Nullable Object object) {
        return refersTo(object);
    }

    @Override
    public final boolean isSame(SocketHandle other) {
        if (other == this) {
            return true;
        }
        Object object = get();
        return object != null && other.is(object);
    }

    @Override
    public final int identity() {
        return System.identityHashCode(get());
    }

    /** Not asked for: it tells lost sockets of TCP from those that are known. */
    @Override
    public final long inode() {
        return 0;
    }

    @Override
    public final Endpoints endpoints() {
        return NO_ENDS;
    }

    @Override
    public final SocketSnapshot snapshot() {
        return SocketSnapshot.inUse();
    }

    @Override
    public final @Nullable Claim claim(Predicate<SocketSnapshot> leaked) {
        return null;
    }
}
