package io.socketreaper.leak;

import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Told;

/** Releases of which owner and peer were told no more than the snapshot shows. */
public final class Outcomes {
    private Outcomes() {}

    public static Outcome.Drained drained(long bytes, DrainEnd end, String preview, String owner, long tookMillis) {
        return new Outcome.Drained(bytes, end, preview, owner, tookMillis, Told.NOTHING);
    }

    public static Outcome.Closed closed(String owner, long tookMillis) {
        return new Outcome.Closed(owner, tookMillis, Told.NOTHING);
    }
}
