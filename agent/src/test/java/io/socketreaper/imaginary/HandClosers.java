package io.socketreaper.imaginary;

import io.socketreaper.release.CloseAttempt;
import io.socketreaper.release.CloseExecutor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Closes at once, or when a test says so, or never. */
public final class HandClosers implements CloseExecutor {
    private final List<CloseAttempt> waiting = new ArrayList<>();
    private boolean stuck;
    private RuntimeException refusal;

    /** From now on a close only begins; {@link #closeWhatWaits} ends it. */
    public void getStuck() {
        stuck = true;
    }

    /** The next close is refused once. */
    public void refuseOnce(RuntimeException with) {
        refusal = with;
    }

    /** How many closes wait. */
    public int waiting() {
        return waiting.size();
    }

    public void closeWhatWaits() {
        stuck = false;
        waiting.forEach(HandClosers::closeNow);
        waiting.clear();
    }

    @Override
    public void close(CloseAttempt attempt) {
        if (refusal != null) {
            RuntimeException once = refusal;
            refusal = null;
            throw once;
        }
        if (stuck) {
            waiting.add(attempt);
        } else {
            closeNow(attempt);
        }
    }

    private static void closeNow(CloseAttempt attempt) {
        try {
            attempt.run();
        } catch (IOException failed) {
            // as with the real ones, the descriptor tells
        }
    }

    @Override
    public void relieve() {
        // no thread, no room to make
    }
}
