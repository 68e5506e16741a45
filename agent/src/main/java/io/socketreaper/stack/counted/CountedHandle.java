package io.socketreaper.stack.counted;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.Endpoints;
import io.socketreaper.stack.CountedObject;
import org.jspecify.annotations.Nullable;

/** One object of a {@link CountedStack}. */
final class CountedHandle extends CountedObject {
    private final CountedStack stack;
    /** -1 before it is known. */
    private int descriptor = -1;

    CountedHandle(CountedStack stack, Object object) {
        super(stack, object);
        this.stack = stack;
    }

    @Override
    public void opened(Object object) {
        if (stack.isProven()) {
            descriptor = stack.numberOf(object);
        }
    }

    /** One that stays open after a collection is found by its number then. */
    @Override
    public boolean isKnown() {
        return descriptor >= 0 || stack.counted().isReclaimed() || !stack.isListening();
    }

    @Override
    protected void look() {
        if (descriptor < 0 && stack.isProven()) {
            Object object = get();
            if (object != null) {
                descriptor = stack.numberOf(object);
            }
        }
    }

    /** A system call. */
    @Override
    protected @Nullable Boolean staysOpen() {
        if (stack.counted().isReclaimed() || descriptor < 0 && stack.isProven()) {
            return false;
        }
        String link = descriptor < 0 ? Descriptors.UNKNOWN : stack.descriptors().link(descriptor);
        return Descriptors.UNKNOWN.equals(link)
                ? null
                : (Boolean) (link != null && link.startsWith(stack.counted().link()));
    }

    @Override
    protected CountedState state() {
        return stack.counted().state();
    }

    @Override
    public int onlyCounted() {
        return stack.counted().descriptors();
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public Endpoints findEndpoints() {
        Object object = stack.isProven() ? get() : null;
        return object == null ? NO_ENDS : new Endpoints(null, stack.remoteAddress(object));
    }
}
