package io.socketreaper.release;

import io.socketreaper.config.Settings;
import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSink;
import io.socketreaper.leak.Outcome;
import io.socketreaper.leak.Outcome.DrainEnd;
import io.socketreaper.leak.Outcome.Peer;
import io.socketreaper.leak.Outcome.Told;
import io.socketreaper.leak.Outcome.ToldOwner;
import io.socketreaper.model.Action;
import io.socketreaper.model.Clock;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.Claim.Back;
import io.socketreaper.stack.Claim.State;
import io.socketreaper.thread.ReaperThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * One condemned socket on its way out: claim, drain, hand back, the owner's ways to close it, a close in the selection of its
 * selector, a close on a thread of ours; after each it is checked whether the descriptor is gone. A step never blocks, so one slow
 * peer holds up nobody; a socket with nothing to do is looked at at growing intervals.
 */
@ReaperThread
final class ReleaseTask {
    /** Bytes of one step, so that one fast sender does not keep the thread from the others. */
    private static final int STEP_BYTES = 1024 * 1024;

    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    /** How long the owner's event loop may take to say whether the socket is in use. */
    private static final long ANSWER = TimeUnit.SECONDS.toNanos(10);
    /** How long the owner has to find out by its own read. */
    private static final long HANDED_BACK = TimeUnit.MILLISECONDS.toNanos(300);
    /** And at least so long after its thread was told. */
    private static final long AFTER_TOLD = TimeUnit.MILLISECONDS.toNanos(100);
    /** How long a close may wait for a selection, the time for handing back included. */
    private static final long SELECTION = TimeUnit.MILLISECONDS.toNanos(1_500);
    /**
     * The same while the thread that selected last is alive: it may be busy, and walk through the selector's keys, where it must meet no
     * cancelled one. A loop that is busy for two seconds at a time (issue 9) comes before this is over.
     */
    private static final long SELECTION_OF_LIVE_THREAD = TimeUnit.MILLISECONDS.toNanos(2_400);
    /**
     * The same while that thread runs the application's code outside a selection: it may be in the middle of a slow walk through the
     * selector's keys, or through a copy of them. A thread that has left its selector for good looks the same, so there must be an end.
     */
    private static final long SELECTION_OF_BUSY_THREAD = TimeUnit.SECONDS.toNanos(10);
    /** Pause between two looks at such a thread. */
    private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(250);
    /** The same while few descriptors are left. */
    private static final long SELECTION_UNDER_PRESSURE = TimeUnit.SECONDS.toNanos(1);
    /** And at least so long for itself. */
    private static final long SELECTION_ITSELF = TimeUnit.MILLISECONDS.toNanos(300);
    /** How long an owner may take to let go before something stronger is tried, and the report says that it has not. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_PATIENCE = TimeUnit.SECONDS.toNanos(60);
    /** With the patience doubling from one second to sixty this is about ten minutes. */
    private static final int MOST_ATTEMPTS = 15;
    /** How often the steps of one phase may fail before a close as the JDK's comes next; with growing pauses about two seconds. */
    private static final int MOST_FAILURES = 20;

    private static final String IN_USE = "it was in use again at the last moment";
    private static final String AGENT_ENDS = "the agent is about to end";
    private static final String NOT_EMPTIED = ", not emptied before: the JVM has no direct memory left for that";

    private enum Phase {
        CLAIM,
        DRAIN,
        HAND_BACK,
        OWNER,
        SELECTION,
        CLOSE,
        OVER
    }

    private final LeakCase openCase;
    private final Claim claim;
    private final Settings settings;
    private final Clock clock;
    private final Descriptors descriptors;
    private final CloseExecutor closers;
    private final LeakSink sink;
    /** Null if there was no memory for it. */
    private final ByteBuffer buffer;

    private final StringBuilder preview = new StringBuilder();
    private final boolean toBeEmptied;

    private boolean underPressure;
    private Phase phase;
    private long claimedAt;
    private long dueAt;
    private long pause = SHORTEST_PAUSE;
    /** Steps of this phase that have failed. */
    private int failures;

    private long drained;
    private long lastProgress;
    private DrainEnd drainEnd;
    private boolean closedByApplication;
    /** The claim or the close empties the socket. */
    private boolean withClose;
    /** It should have been emptied. */
    private boolean withoutMemory;

    /** When it was handed back. */
    private long offeredAt;

    private long toldAt;
    private Back back = Back.NOT_NEEDED;
    private boolean closedByItsOwner;

    private int way;
    private long selectionEndsAt;
    private boolean leftToSelection;
    /** The thread that selects may be waited for longer. */
    private boolean waitsForBusyThread;
    /** The last one; null if there was none. */
    private CloseAttempt attempt;

    private int attempts;
    /** Of these: those that owe nothing to an owner. */
    private int lastAttempts;
    /** When the last attempt began, or the application's close was seen. */
    private long lastAttempt;

    private long patience = PATIENCE;

    ReleaseTask(
            LeakCase openCase,
            Claim claim,
            Action action,
            Settings settings,
            Clock clock,
            Descriptors descriptors,
            CloseExecutor closers,
            LeakSink sink,
            ByteBuffer buffer,
            boolean underPressure) {
        this.openCase = openCase;
        this.claim = claim;
        this.settings = settings;
        this.clock = clock;
        this.descriptors = descriptors;
        this.closers = closers;
        this.sink = sink;
        this.buffer = buffer;
        this.claimedAt = clock.nanoTime();
        this.lastProgress = claimedAt;
        this.dueAt = claimedAt;
        this.toBeEmptied = isToBeEmptied(openCase.leak().kind(), openCase.leak().sighting(), action);
        this.phase = Phase.CLAIM;
        this.underPressure = underPressure;
        noteCondemned();
    }

    private void noteCondemned() {
        if (!openCase.isCondemned() && claim.isCondemned()) {
            openCase.condemned();
        }
    }

    /**
     * What a peer that has ended its side has sent is finite and all here: taking it off before the close costs nothing, and
     * spares the peer a reset that could overtake the end of our reply.
     */
    static boolean isToBeEmptied(LeakKind kind, SocketSnapshot sighting, Action action) {
        boolean nothingThere = sighting.hold() == Holder.CLOSED
                || sighting.hold() == Holder.UNREACHABLE
                        && sighting.tcpState() == TcpState.CLOSE
                        && sighting.unreadBytes() == 0;
        return !nothingThere && (action == Action.DRAIN || kind == LeakKind.PEER_CLOSED);
    }

    long dueAt() {
        return dueAt;
    }

    /** From its next step on. */
    void setPressure(boolean on) {
        underPressure = on;
    }

    boolean isOver() {
        return phase == Phase.OVER;
    }

    void step() {
        noteCondemned();
        if (phase == Phase.CLAIM) {
            askWhetherClaimed();
        }
        if (phase == Phase.DRAIN) {
            synchronized (buffer) {
                drain();
            }
        }
        if (phase == Phase.HAND_BACK) {
            handBack();
        }
        if (phase == Phase.OWNER) {
            closeByOwner();
        }
        if (phase == Phase.SELECTION) {
            closeInSelection();
        }
        if (phase == Phase.CLOSE) {
            close();
        }
    }

    private void next(Phase following) {
        phase = following;
        pause = SHORTEST_PAUSE;
        failures = 0;
    }

    /** The step before this has failed. */
    void tryLater() {
        if (++failures >= MOST_FAILURES) {
            cutShort();
        }
        pauseUntilNextStep(clock.nanoTime(), false);
    }

    // -- Claim

    private void askWhetherClaimed() {
        long now = clock.nanoTime();
        State state = claim.state();
        if (state == State.ASKED && now - claimedAt < ANSWER) {
            pauseUntilNextStep(now, false);
        } else if (state == State.ASKED && claim.withdraw()) {
            refuse("its event loop has not answered for " + TimeUnit.NANOSECONDS.toSeconds(ANSWER) + " s");
        } else if (state == State.ASKED) {
            // It has answered this very moment.
            pauseUntilNextStep(now, true);
        } else if (state == State.REFUSED) {
            refuse(IN_USE);
        } else {
            claimedAt = now;
            lastProgress = now;
            withClose = toBeEmptied && claim.isReset() && claim.emptied() != null;
            boolean drains = toBeEmptied && !withClose && !claim.tellsByUnread();
            withoutMemory = drains && buffer == null;
            next(drains && buffer != null ? Phase.DRAIN : Phase.HAND_BACK);
        }
    }

    /** The agent ends. What its owner's thread has not begun is withdrawn. True if it is over now. */
    boolean abandon() {
        if (phase != Phase.OVER && claim.withdraw()) {
            refuse(AGENT_ENDS);
        }
        return isOver();
    }

    private void refuse(String why) {
        sink.leak(openCase.leak(), new Outcome.Spared(why));
        phase = Phase.OVER;
        openCase.refused();
    }

    // -- Drain

    private void drain() {
        long before = drained;
        long stepEnd = drained + STEP_BYTES;
        while (drainEnd == null && !closedByApplication && drained < stepEnd) {
            if (drained >= settings.drainBytes()) {
                drainEnd = DrainEnd.BYTES;
                break;
            }
            int count = readOnce();
            if (count == Claim.NOTHING_NOW && claim.snapshot().tlsOver()) {
                drainEnd = DrainEnd.TLS_OVER;
            }
            if (count <= 0) {
                break;
            }
            remember(count);
            drained += count;
            lastProgress = clock.nanoTime();
        }
        long now = clock.nanoTime();
        if (drainEnd == null && !closedByApplication && !withClose) {
            if (now - claimedAt >= TimeUnit.MILLISECONDS.toNanos(settings.drainTimeMillis())) {
                drainEnd = DrainEnd.TIME;
            } else if (now - lastProgress >= TimeUnit.MILLISECONDS.toNanos(settings.drainIdleMillis())) {
                drainEnd = DrainEnd.IDLE;
            }
        }
        if (drainEnd == null && !closedByApplication && !withClose) {
            pauseUntilNextStep(now, drained > before);
        } else {
            next(closedByApplication ? Phase.CLOSE : Phase.HAND_BACK);
        }
    }

    /** There is no more time: it is closed in the next step, as the JDK closes it. */
    void endDrain() {
        if (phase == Phase.CLAIM && claim.withdraw()) {
            refuse(AGENT_ENDS);
        } else if (cutShort()) {
            claim.waitsNoLonger();
            dueAt = clock.nanoTime();
        } else if (phase == Phase.CLOSE && claim.waitsNoLonger()) {
            begin(Claim.AS_THE_JDK, clock.nanoTime());
        }
    }

    /** From here on it is closed as the JDK does; the phases before that are left out. False if none is left. */
    private boolean cutShort() {
        if (phase == Phase.DRAIN) {
            drainEnd = drainEnd == null && !closedByApplication && !withClose ? DrainEnd.TIME : drainEnd;
            next(Phase.CLOSE);
            return true;
        }
        if (phase == Phase.HAND_BACK || phase == Phase.OWNER || phase == Phase.SELECTION) {
            next(Phase.CLOSE);
            claim.endHandBack();
            return true;
        }
        return false;
    }

    private int readOnce() {
        buffer.clear().limit((int) Math.min(buffer.capacity(), settings.drainBytes() - drained));
        try {
            int count = claim.read(buffer);
            if (count == Claim.END_OF_INPUT) {
                drainEnd = DrainEnd.END_OF_INPUT;
            } else if (count == Claim.CLOSED_MEANWHILE) {
                closedByApplication = true;
                lastAttempt = clock.nanoTime();
            } else if (count == Claim.WITH_CLOSE) {
                withClose = true;
            }
            return count;
        } catch (IOException reset) {
            drainEnd = DrainEnd.RESET;
            return Claim.END_OF_INPUT;
        }
    }

    private void remember(int count) {
        for (int i = 0; i < count && drained + i < settings.preview(); i++) {
            PrintableBytes.append(preview, buffer.get(i));
        }
    }

    // -- Hand back

    private void handBack() {
        long now = clock.nanoTime();
        if (back == Back.NOT_NEEDED) {
            back = claim.handBack();
            offeredAt = now;
            toldAt = now;
            if (back == Back.NOT_NEEDED || back == Back.IMPOSSIBLE) {
                next(Phase.OWNER);
                return;
            }
        }
        boolean closed = claim.isClosed();
        if (back != Back.TOLD) {
            back = claim.back();
            toldAt = now;
        }
        if (back == Back.IMPOSSIBLE) {
            claim.endHandBack();
            if (claim.isClosed()) {
                // by the claim, for a thread that has begun to select meanwhile
                attempts++;
                next(Phase.CLOSE);
            } else {
                next(Phase.OWNER);
            }
            return;
        }
        if (closed) {
            closedByItsOwner = true;
            claim.endHandBack();
            lastAttempt = now;
            next(Phase.CLOSE);
            return;
        }
        long end = offeredAt + (back == Back.UNDER_WAY ? selection() : HANDED_BACK);
        if (back == Back.TOLD && toldAt + AFTER_TOLD - end > 0) {
            end = toldAt + AFTER_TOLD;
        }
        if (now - end >= 0) {
            claim.endHandBack();
            next(Phase.OWNER);
            return;
        }
        pauseUntilNextStep(now, false);
        if (dueAt - end > 0) {
            dueAt = end;
        }
    }

    // -- Close and verify

    private boolean isGone() {
        String link = descriptors.link(openCase.leak().descriptor());
        return !openCase.leak().link().equals(link) && !Descriptors.UNKNOWN.equals(link);
    }

    /** In its own ways, one after the other; an owner that has none is passed by. */
    private void closeByOwner() {
        long now = clock.nanoTime();
        if (attempt != null && claim.mayBeGone() && isGone()) {
            finish(now);
            return;
        }
        boolean tried =
                attempt == null || attempt.hasBegun() && (claim.hasBegun() || now - attempt.begunAt() >= ANSWER);
        if (!tried) {
            pauseUntilNextStep(now, false);
            return;
        }
        if (attempt != null && attempts < way) {
            attempts++;
            lastAttempt = now;
        }
        if (attempt != null && now - lastAttempt < patience) {
            pauseUntilNextStep(now, false);
            return;
        }
        if (way >= claim.ways()) {
            next(Phase.SELECTION);
            return;
        }
        begin(way + 1, now);
        way++;
    }

    /** One that finds no thread throws, and has not been made: the same step tries again. */
    private void begin(int chosen, long now) {
        var made = new CloseAttempt(claim, chosen, clock);
        closers.close(made);
        attempt = made;
        pauseUntilNextStep(now, true);
    }

    private long selection() {
        return underPressure
                ? SELECTION_UNDER_PRESSURE
                : claim.isSelectedByLiveThread() ? SELECTION_OF_LIVE_THREAD : SELECTION;
    }

    private void closeInSelection() {
        long now = clock.nanoTime();
        if (!leftToSelection) {
            leftToSelection = true;
            if (attempt == null && claim.mayBeGone() && isGone()) {
                finishBeforeAnyClose(now);
                return;
            }
            if (!claim.closeInSelection()) {
                next(Phase.CLOSE);
                return;
            }
            attempts++;
            long least = now + SELECTION_ITSELF;
            // Its key is cancelled already: a walk through the keys meets that anyway, so a flush does no harm.
            boolean closedBefore = openCase.leak().sighting().hold() == Holder.CLOSED;
            long selection = selection();
            long usual = closedBefore
                    ? least
                    : back == Back.NOT_NEEDED || back == Back.IMPOSSIBLE ? now + selection : offeredAt + selection;
            selectionEndsAt = usual - least > 0 ? usual : least;
            waitsForBusyThread = !closedBefore;
        } else if (claim.mayBeGone() && isGone()) {
            finish(now);
            return;
        }
        if (now - selectionEndsAt < 0) {
            pauseUntilNextStep(now, false);
            dueAt = dueAt - selectionEndsAt > 0 ? selectionEndsAt : dueAt;
        } else if (waitsForBusyThread
                && !underPressure
                && now - offeredAt < SELECTION_OF_BUSY_THREAD
                && claim.isSelectorsThreadBusy()) {
            dueAt = now + BUSY_PAUSE;
        } else {
            next(Phase.CLOSE);
        }
    }

    private void close() {
        long now = clock.nanoTime();
        boolean due = isNextAttemptDue(now);
        if ((due || claim.mayBeGone()) && isGone()) {
            finish(now);
            return;
        }
        if (claim.isRefused()) {
            refuse(IN_USE);
            return;
        }
        // After a close of the application's that frees nothing comes ours, which also wakes the selectors.
        if (!due) {
            pauseUntilNextStep(now, false);
            return;
        }
        boolean givenUp = lastAttempts >= MOST_ATTEMPTS;
        if (!givenUp) {
            // First: it may find no thread, and then this step is repeated.
            begin(Claim.AS_THE_JDK, now);
        }
        if (lastAttempts == 1) {
            openCase.site().countStillHeld();
        }
        if (lastAttempts == 1 || givenUp) {
            sink.leak(openCase.leak(), new Outcome.StillHeld(claim.owner(), attempts, givenUp, millisSinceClaim(now)));
        }
        if (givenUp) {
            over();
            return;
        }
        if (lastAttempts > 0) {
            patience = Math.min(2 * patience, LONGEST_PATIENCE);
        }
        lastAttempts++;
        attempts++;
    }

    /** An attempt that waits for a thread has not begun, so nothing can be said of it. */
    private boolean isNextAttemptDue(long now) {
        if (lastAttempts > 0) {
            if (!attempt.hasBegun()) {
                return false;
            }
            return now - attempt.begunAt() >= patience;
        }
        return !closedByApplication && !closedByItsOwner || now - lastAttempt >= patience;
    }

    private void finishBeforeAnyClose(long now) {
        closedByApplication = openCase.leak().sighting().hold() != Holder.CLOSED;
        finish(now);
    }

    private void finish(long now) {
        if (withClose) {
            takeEmptied(claim.emptied());
        }
        Leak leak = openCase.leak();
        long took = millisSinceClaim(now);
        Outcome outcome;
        // One flush of a selector frees all closed channels that it holds, also those whose turn has not come.
        boolean closedBefore = leak.sighting().hold() == Holder.CLOSED;
        boolean tried = attempts > 0 || attempt != null && attempt.hasBegun();
        if (!closedBefore && !closedByItsOwner && (!tried || closedByApplication)) {
            outcome = new Outcome.ClosedByApplication(drained, took);
        } else if (drainEnd != null) {
            outcome = new Outcome.Drained(drained, drainEnd, preview.toString(), claim.owner(), took, told(leak));
        } else {
            outcome = new Outcome.Closed(claim.owner() + (withoutMemory ? NOT_EMPTIED : ""), took, told(leak));
        }
        leak.site().countReleased();
        sink.leak(leak, outcome);
        over();
    }

    private Told told(Leak leak) {
        Peer peer = claim.isReset()
                ? Peer.RESET
                : !claim.tellsByUnread() ? Peer.END : leak.sighting().unreadBytes() > 0 ? Peer.UNREAD : Peer.UNFINISHED;
        if (closedByItsOwner) {
            return new Told(peer, ToldOwner.BY_ITS_READ, "");
        }
        if (claim.ways() > 0) {
            return new Told(peer, ToldOwner.BY_CLOSE, "");
        }
        return switch (back) {
            case NOT_NEEDED -> new Told(peer, ToldOwner.BY_CLOSE, "");
            case IMPOSSIBLE -> new Told(peer, ToldOwner.NOT_AT_ALL, claim.notHandedBackBecause());
            case ASKED, UNDER_WAY -> new Told(peer, ToldOwner.NOT_IN_TIME, "");
            case TOLD -> new Told(peer, ToldOwner.IN_VAIN, "");
        };
    }

    private void takeEmptied(Claim.Emptied emptied) {
        if (emptied == null) {
            closedByApplication = true;
            return;
        }
        drained = emptied.bytes();
        drainEnd =
                emptied.reset() ? DrainEnd.RESET : emptied.endOfInput() ? DrainEnd.END_OF_INPUT : DrainEnd.WITH_CLOSE;
        for (int i = 0; i < emptied.first().length && i < settings.preview(); i++) {
            PrintableBytes.append(preview, emptied.first()[i]);
        }
    }

    private void over() {
        phase = Phase.OVER;
        openCase.over();
    }

    private long millisSinceClaim(long now) {
        return TimeUnit.NANOSECONDS.toMillis(now - claimedAt);
    }

    private void pauseUntilNextStep(long now, boolean progress) {
        pause = progress ? SHORTEST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
        dueAt = now + pause;
    }
}
