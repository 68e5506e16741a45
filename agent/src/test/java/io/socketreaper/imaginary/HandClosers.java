package io.socketreaper.imaginary;

import io.socketreaper.release.Closers;
import io.socketreaper.socket.Claim;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Closes at once, or when a test says so, or never. */
public final class HandClosers implements Closers {
    private final List<Claim> waiting = new ArrayList<>();
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

    public void closeWhatWaits() {
        stuck = false;
        waiting.forEach(HandClosers::closeNow);
        waiting.clear();
    }

    @Override
    public void close(Claim claim) {
        if (refusal != null) {
            RuntimeException once = refusal;
            refusal = null;
            throw once;
        }
        if (stuck) {
            waiting.add(claim);
        } else {
            closeNow(claim);
        }
    }

    private static void closeNow(Claim claim) {
        try {
            claim.close();
        } catch (IOException failed) {
            // as with the real ones, the descriptor tells
        }
    }

    @Override
    public void relieve() {
        // no thread, no room to make
    }
}
