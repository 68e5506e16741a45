package io.socketreaper.owner.relocated.apache.hc.core5.reactor;

import java.util.ArrayList;
import java.util.List;

/** What keys are attached to in a relocated HttpCore 5. */
public final class InternalDataChannel {
    private final List<CloseMode> closes = new ArrayList<>();

    /** How to close. */
    public enum CloseMode {
        IMMEDIATE, GRACEFUL
    }

    public void close() {
        close(CloseMode.GRACEFUL);
    }

    public void close(CloseMode mode) {
        closes.add(mode);
    }

    public List<CloseMode> closes() {
        return closes;
    }
}
