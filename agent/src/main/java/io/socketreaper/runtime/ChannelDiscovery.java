package io.socketreaper.runtime;

import io.socketreaper.detect.Detector;
import io.socketreaper.selector.BlockedSelectors;
import io.socketreaper.selector.Selections;
import io.socketreaper.thread.ReaperThread;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Finds the channels that were there before the agent was attached, by the keys of the selectors that somebody selects on.
 */
@ReaperThread
final class ChannelDiscovery {
    private final Selections selections;
    private final Detector watch;
    private boolean blockedOnesMet;

    ChannelDiscovery(Selections selections, Detector watch) {
        this.selections = selections;
        this.watch = watch;
    }

    /** To be called in every round once channels are watched. */
    void round() {
        if (!blockedOnesMet) {
            blockedOnesMet = true;
            // They would only be heard of when their selection ends.
            BlockedSelectors.all(selections);
        }
        for (Selector selector = selections.nextMet(); selector != null; selector = selections.nextMet()) {
            try {
                for (SelectionKey key : selector.keys()) {
                    watch.discovered(key.channel());
                }
            } catch (ClosedSelectorException closedMeanwhile) {
                // then it holds no channel any more
            }
        }
    }
}
