package io.socketreaper.agent;

import io.socketreaper.socket.BlockedSelectors;
import io.socketreaper.socket.Selections;
import io.socketreaper.watch.Watch;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Finds the channels that were there before the agent was attached, by the keys of the selectors that somebody selects on.
 * Reaper thread only.
 */
final class Discovery {
    private final Selections selections;
    private final Watch watch;
    private boolean blockedOnesMet;

    Discovery(Selections selections, Watch watch) {
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
