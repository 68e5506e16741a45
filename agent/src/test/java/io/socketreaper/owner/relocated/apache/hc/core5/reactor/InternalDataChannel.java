package io.socketreaper.owner.relocated.apache.hc.core5.reactor;

import io.socketreaper.owner.relocated.apache.hc.core5.io.CloseMode;
import io.socketreaper.owner.relocated.apache.hc.core5.io.ModalCloseable;
import java.util.ArrayList;
import java.util.List;

/** What keys are attached to in a relocated HttpCore 5. */
public final class InternalDataChannel implements ModalCloseable {
    private final List<String> closes = new ArrayList<>();
    private final ModalCloseable ioSession = mode -> closes.add("session " + mode);

    @Override
    public void close(CloseMode mode) {
        closes.add("channel " + mode);
    }

    /** In their order. */
    public List<String> closes() {
        return closes;
    }
}
