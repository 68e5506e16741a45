package io.socketreaper.selector;

import java.lang.ref.WeakReference;
import java.nio.channels.spi.AbstractSelector;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one selector, in a chain of {@link Selections}. Written by application threads without a lock: a lost update of the last
 * selection by a second thread is harmless.
 */
final class KnownSelector extends WeakReference<Object> {
    /** Moves on only past entries that are over, so that no thread loses one that is not. */
    volatile @Nullable KnownSelector next;

    /** The thread that selected last; null before the first selection that was told. */
    volatile @Nullable Selecting thread;
    /** When its last selection began, a {@link Selections#time}. */
    volatile long at;
    /** The same of a selection that shows that the thread walks through no keys. */
    volatile long cameBackAt;
    /** The thread of the last selection that was told and waits; null before the first. */
    volatile @Nullable Selecting waiter;
    /** The last selection of that thread does not wait: the thread may be in the middle of a walk through the keys. */
    volatile boolean inPassing;
    /** A thread has selected after another one had ended. Written before {@link #thread}, which makes it visible. */
    boolean takesTurns;
    /** The work for its next selection; null before the first. */
    volatile @Nullable SelectorWork work;

    final Repetition repetition = new Repetition();
    /** When the reaper thread has last looked at what the thread does, and whether it was busy. */
    long lookedAt;

    boolean wasLookedAt;
    boolean busy;
    final WakeLimit wakes = new WakeLimit();

    KnownSelector(Object selector, @Nullable KnownSelector next) {
        super(selector);
        this.next = next;
    }

    /**
     * Whether a selection that begins shows that its thread walks through no keys: it waits, or none that waits was told. The thread that
     * begins it.
     *
     * @param own the same thread, for the selections after this one
     */
    boolean showsReturn(Thread thread, Selecting own, boolean waits) {
        Selecting last = waiter;
        boolean isWaiter = last != null && last.refersTo(thread);
        if (waits && !isWaiter) {
            waiter = own;
        }
        if (waits ? inPassing : isWaiter && !inPassing) {
            inPassing = !waits;
        }
        return waits || last == null;
    }

    /** The selector was collected; or it was closed and has no work. A closed one may have: channels that wait to be closed. */
    boolean isOver() {
        return refersTo(null) || work == null && get() instanceof AbstractSelector selector && !selector.isOpen();
    }
}
