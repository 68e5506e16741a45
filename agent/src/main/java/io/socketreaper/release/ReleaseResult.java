package io.socketreaper.release;

import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Peer;
import io.socketreaper.leak.Outcome.Told;
import io.socketreaper.leak.Outcome.ToldOwner;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.Claim.Back;
import io.socketreaper.thread.ReaperThread;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a release has discarded so far, who has closed the socket, and what its owner and its peer were told. */
@ReaperThread
final class ReleaseResult {
    private static final String NOT_EMPTIED = ", without a drain: the JVM had no direct memory left for its buffer";

    private final int previewBytes;
    private final StringBuilder preview = new StringBuilder();

    /** Discarded bytes. */
    long bytes;
    /** Null while the drain goes on, and if there is none. */
    @Nullable
    DrainEnd drainEnd;
    /** The claim or the close empties the socket in one step. */
    boolean emptiedWithClose;
    /** The drain was left out because there was no memory for its buffer. */
    boolean withoutMemory;
    /** The application closed it before the agent did. */
    boolean closedByApplication;
    /** Its owner closed it after its own read had failed. */
    boolean closedByOwner;
    /** What has become of the attempt to hand the socket back. */
    Back back = Back.NOT_NEEDED;

    /** @param previewBytes how many of the discarded bytes the report shows at most */
    ReleaseResult(int previewBytes) {
        this.previewBytes = previewBytes;
    }

    /** The first bytes in the buffer were read and are discarded. */
    void discarded(ByteBuffer buffer, int count) {
        for (int i = 0; i < count && bytes + i < previewBytes; i++) {
            PrintableBytes.append(preview, buffer.get(i));
        }
        bytes += count;
    }

    /** True once the drain must end, for any reason. */
    boolean isDrainOver() {
        return drainEnd != null || closedByApplication || emptiedWithClose;
    }

    /** False if there was no owner to which the socket could be handed back. */
    boolean wasHandedBack() {
        return back != Back.NOT_NEEDED && back != Back.IMPOSSIBLE;
    }

    /**
     * What is reported once the descriptor is gone.
     *
     * @param tried whether the agent has closed the socket, or has had it closed
     */
    Outcome outcome(Leak leak, Claim claim, boolean tried, long tookMillis) {
        if (emptiedWithClose) {
            takeEmptied(claim.emptied());
        }
        // One flush of a selector frees all closed channels that it holds, also those whose turn has not come.
        boolean closedBefore = leak.snapshot().hold() == Holder.CLOSED;
        if (!closedBefore && !closedByOwner && (!tried || closedByApplication)) {
            return new Outcome.ClosedByApplication(bytes, tookMillis);
        }
        if (drainEnd != null) {
            return new Outcome.Drained(
                    bytes, drainEnd, preview.toString(), claim.owner(), tookMillis, told(leak, claim));
        }
        return new Outcome.Closed(claim.owner() + (withoutMemory ? NOT_EMPTIED : ""), tookMillis, told(leak, claim));
    }

    private void takeEmptied(Claim.@Nullable Emptied emptied) {
        if (emptied == null) {
            closedByApplication = true;
            return;
        }
        bytes = emptied.bytes();
        drainEnd =
                emptied.reset() ? DrainEnd.RESET : emptied.endOfInput() ? DrainEnd.END_OF_INPUT : DrainEnd.WITH_CLOSE;
        for (int i = 0; i < emptied.first().length && i < previewBytes; i++) {
            PrintableBytes.append(preview, emptied.first()[i]);
        }
    }

    private Told told(Leak leak, Claim claim) {
        ToldOwner owner = owner(claim);
        return new Told(peer(leak, claim), owner, owner == ToldOwner.NOT_AT_ALL ? claim.notHandedBackBecause() : "");
    }

    private static Peer peer(Leak leak, Claim claim) {
        if (claim.isReset()) {
            return Peer.RESET;
        }
        if (!claim.tellsByUnread()) {
            return Peer.END;
        }
        return leak.snapshot().unreadBytes() > 0 ? Peer.UNREAD : Peer.UNFINISHED;
    }

    private ToldOwner owner(Claim claim) {
        if (closedByOwner) {
            return ToldOwner.BY_ITS_READ;
        }
        if (claim.ways() > 0) {
            return ToldOwner.BY_CLOSE;
        }
        return switch (back) {
            case NOT_NEEDED -> ToldOwner.BY_CLOSE;
            case IMPOSSIBLE -> ToldOwner.NOT_AT_ALL;
            case ASKED, UNDER_WAY, BUSY -> ToldOwner.NOT_IN_TIME;
            case REPORTED, TOLD -> ToldOwner.IN_VAIN;
        };
    }
}
