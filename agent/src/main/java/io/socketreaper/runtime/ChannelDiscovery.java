package io.socketreaper.runtime;

import io.socketreaper.detect.Detector;
import io.socketreaper.selector.BlockedSelectors;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.nio.NioStack;
import io.socketreaper.thread.ReaperThread;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Finds the channels that were opened before the agent was attached, by the keys of the selectors on which threads select, and these
 * selectors.
 */
@ReaperThread
final class ChannelDiscovery {
    private final NioStack channels;
    private final Selections selections;
    private final Detector detector;
    private boolean blockedOnesMet;

    ChannelDiscovery(NioStack channels, Selections selections, Detector detector) {
        this.channels = channels;
        this.selections = selections;
        this.detector = detector;
    }

    /** Whether channels are watched, so that a round has an effect. */
    boolean canProceed() {
        return channels.isProven();
    }

    /** Called in every round; no effect before channels are watched. */
    void round() {
        if (!channels.isProven()) {
            return;
        }
        if (!blockedOnesMet) {
            blockedOnesMet = true;
            // Their selection has begun before the agent was loaded, so no event tells of them before it ends.
            BlockedSelectors.all(selections);
        }
        for (Selector selector = selections.nextMet(); selector != null; selector = selections.nextMet()) {
            detector.discovered(selector);
            try {
                for (SelectionKey key : selector.keys()) {
                    detector.discovered(key.channel());
                }
            } catch (ClosedSelectorException closedMeanwhile) {
                // then it holds no channel any more, and the close may have been told before it was known
                detector.events().released(selector);
            }
        }
    }
}
