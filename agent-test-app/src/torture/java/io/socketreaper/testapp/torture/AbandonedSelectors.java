package io.socketreaper.testapp.torture;

import java.io.IOException;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Deque;

/** Selectors on which no thread selects; each keeps the descriptors of many closed channels. */
final class AbandonedSelectors {
    private static final int CHANNELS = 20;
    private static final Deque<Selector> ALL = new ArrayDeque<>();

    private AbandonedSelectors() {}

    static synchronized Selector next() throws IOException {
        if (ALL.isEmpty() || ALL.getLast().keys().size() >= CHANNELS) {
            ALL.add(Selector.open());
        }
        return ALL.getLast();
    }

    /** Gives up every descriptor that they keep. */
    static synchronized void closeAll() throws IOException {
        while (!ALL.isEmpty()) {
            ALL.poll().close();
        }
    }
}
