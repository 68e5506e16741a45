package io.socketreaper.detect;

/**
 * What the checks have found a suspect to be. It begins as {@link #UNCHECKED} and ends as {@link #ENDED}; in between it is no leak yet,
 * a reported leak, or one in release. {@link SuspectStates} makes the transitions.
 */
enum SuspectState {
    /** The next check decides: before the first one, after a refused release, and when a reported leak is to be judged as a new one. */
    UNCHECKED,
    /** A thread, a selection key or output on its way uses it. */
    IN_USE,
    /** It is not in use, and becomes a leak when its timeout has passed. */
    IDLE,
    /** A leak that was only reported. */
    REPORTED,
    /** A reported leak whose descriptor is gone, while the hook has told of no close; the next check ends it. */
    VANISHED,
    /** A leak whose release has begun. */
    RELEASING,
    /** No suspect any more: it was closed or released, or it shows no sign now. */
    ENDED;

    /** Whether it is a leak whose release has not begun. */
    boolean isReported() {
        return this == REPORTED || this == VANISHED;
    }

    /** Whether a suspect in this state may enter another one. */
    boolean mayBecome(SuspectState next) {
        return switch (this) {
            case UNCHECKED, IN_USE, IDLE -> next != VANISHED;
            case REPORTED, VANISHED -> next != IN_USE && next != IDLE;
            case RELEASING -> next == UNCHECKED || next == ENDED;
            case ENDED -> false;
        };
    }
}
