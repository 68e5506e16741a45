package io.socketreaper.detect;

import io.socketreaper.text.HumanText;
import io.socketreaper.thread.ReaperThread;
import java.util.concurrent.TimeUnit;

/** Tells the host of sockets and stacks that found no room, every ten seconds at most. */
@ReaperThread
final class DropReport {
    private static final long AGAIN = TimeUnit.SECONDS.toNanos(10);

    private final BoundedQueue<Suspect> arrivals;
    private final UnidentifiedSockets unidentified;
    private final StackSampler stacks;
    private final Detector.Host host;
    private boolean hasTold;
    private long toldAt;

    DropReport(
            BoundedQueue<Suspect> arrivals, UnidentifiedSockets unidentified, StackSampler stacks, Detector.Host host) {
        this.arrivals = arrivals;
        this.unidentified = unidentified;
        this.stacks = stacks;
        this.host = host;
    }

    void tell(long now) {
        if (!arrivals.hasDropped() && !unidentified.hasDropped() && !stacks.hasCut()
                || hasTold && now - toldAt < AGAIN) {
            return;
        }
        hasTold = true;
        toldAt = now;
        long dropped = arrivals.takeDropped();
        if (dropped > 0) {
            host.dropped(HumanText.count(dropped, "half-closed socket is", "half-closed sockets are")
                    + " not watched: too many came while the reaper thread was blocked, or"
                    + " before the self-test was over");
        }
        dropped = unidentified.takeDropped();
        if (dropped > 0) {
            host.dropped(HumanText.count(dropped, "socket was", "sockets were") + " opened or half-closed while "
                    + UnidentifiedSockets.CAPACITY
                    + " others waited for their first look; if the program drops such a socket before that look, its leak is not"
                    + " found");
        }
        long cut = stacks.takeCut();
        if (cut > 0) {
            host.dropped("only the innermost " + StackSampler.FEW_FRAMES + " stack frames were kept of "
                    + HumanText.count(cut, "half-closed socket", "half-closed sockets")
                    + ": sockets were half-closed too often, at too many places");
        }
    }
}
