package io.socketreaper.release;

import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.stack.Claim;
import io.socketreaper.thread.ReaperThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** Reads and discards what the peer sends, until its end, or until one of the limits of the settings. */
@ReaperThread
final class DrainPhase extends ReleasePhase {
    /** Bytes of one step, so that one fast sender does not keep the thread from the others. */
    private static final int STEP_BYTES = 1024 * 1024;

    private final ReleaseResult result;
    private final ByteBuffer buffer;
    private long lastProgress;

    DrainPhase(ReleaseContext release, ByteBuffer buffer) {
        super(release);
        this.result = release.result;
        this.buffer = buffer;
        this.lastProgress = release.claimedAt;
    }

    @Override
    ReleasePhase step() {
        synchronized (buffer) {
            return drain();
        }
    }

    private ReleasePhase drain() {
        long before = result.bytes;
        read(before + STEP_BYTES);
        long now = release.clock.nanoTime();
        if (!result.isDrainOver()) {
            if (now - release.claimedAt >= TimeUnit.MILLISECONDS.toNanos(release.settings.drainTimeMillis())) {
                result.drainEnd = DrainEnd.TIME;
            } else if (now - lastProgress >= TimeUnit.MILLISECONDS.toNanos(release.settings.drainIdleMillis())) {
                result.drainEnd = DrainEnd.IDLE;
            }
        }
        if (!result.isDrainOver()) {
            release.pauseUntilNextStep(now, result.bytes > before);
            return this;
        }
        return result.closedByApplication ? new JdkClosePhase(release) : new HandBackPhase(release);
    }

    private void read(long stepEnd) {
        while (!result.isDrainOver() && result.bytes < stepEnd) {
            if (result.bytes >= release.settings.drainBytes()) {
                result.drainEnd = DrainEnd.BYTES;
                return;
            }
            int count = readOnce();
            if (count == Claim.NOTHING_NOW && release.claim.snapshot().tlsOver()) {
                result.drainEnd = DrainEnd.TLS_OVER;
            }
            if (count <= 0) {
                return;
            }
            result.discarded(buffer, count);
            lastProgress = release.clock.nanoTime();
        }
    }

    private int readOnce() {
        buffer.clear().limit((int) Math.min(buffer.capacity(), release.settings.drainBytes() - result.bytes));
        try {
            int count = release.claim.read(buffer);
            if (count == Claim.END_OF_INPUT) {
                result.drainEnd = DrainEnd.END_OF_INPUT;
            } else if (count == Claim.CLOSED_MEANWHILE) {
                result.closedByApplication = true;
                release.closedAt = release.clock.nanoTime();
            } else if (count == Claim.WITH_CLOSE) {
                result.emptiedWithClose = true;
            }
            return count;
        } catch (IOException reset) {
            result.drainEnd = DrainEnd.RESET;
            return Claim.END_OF_INPUT;
        }
    }

    @Override
    void cutShort() {
        if (!result.isDrainOver()) {
            result.drainEnd = DrainEnd.TIME;
        }
    }
}
