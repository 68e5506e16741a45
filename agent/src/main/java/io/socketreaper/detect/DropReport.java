package io.socketreaper.detect;

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
            host.dropped(dropped
                    + " half-closed sockets came while the reaper thread was held up, or waited with its self-test, and are"
                    + " not watched");
        }
        dropped = unidentified.takeDropped();
        if (dropped > 0) {
            host.dropped(dropped + " sockets were opened or half-closed while " + UnidentifiedSockets.CAPACITY
                    + " others waited for their first look; those of "
                    + "them that the program drops before they are looked at are not found");
        }
        long cut = stacks.takeCut();
        if (cut > 0) {
            host.dropped("of the stacks of " + cut + " half-closed sockets the innermost " + StackSampler.FEW_FRAMES
                    + " frames were kept: too many sockets were half-closed in too many ways");
        }
    }
}
