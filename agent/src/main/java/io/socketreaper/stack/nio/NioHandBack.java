package io.socketreaper.stack.nio;

import io.socketreaper.selector.Attachments;
import io.socketreaper.selector.HandBack;
import io.socketreaper.selector.SelectorWork;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.Claim.Back;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Hands a condemned channel back to the threads that select on its keys, so that its owner's own read fails. */
final class NioHandBack implements HandBack.Channel {
    private static final String BLOCKING = "a socket in blocking mode has no selection key";
    private static final String NO_KEY = "it has no selection key";
    private static final String ABANDONED = "no thread selects on its selector any more";
    private static final String CANCELLED = "its selection key is cancelled";
    private static final String NOT_THE_JDKS = "its selector is not one of the JDK's";
    private static final String ENDED =
            "the thread that selected on its selector ended when a channel was handed back to it";
    private static final String SUCCEEDED = "another thread has begun to select since it was handed back";
    private static final String TAKEN_OFF = "the application has removed the attachment of its selection key";
    private static final String MARKED = "the application has replaced its selection key's attachment by a marker";
    private static final String NOT_KNOWN =
            "its selection key has no attachment, and the application may have removed it: the half-close was before "
                    + "the agent could see it";
    private static final String ALONE = "its selection key has no attachment, but keys of other connections have one";

    private final NioClaim claim;
    private final NioSocket handle;
    private final SocketChannel channel;
    private final List<Offer> offers = new ArrayList<>();
    private String impossibleBecause = "";
    private int selectionsBefore;
    /** At the last look. */
    private int selectionsSeen;

    /** A hand-back by one key, and the work of its selector. */
    private record Offer(SelectionKey key, HandBack back, SelectorWork work) {}

    NioHandBack(NioClaim claim, NioSocket handle, SocketChannel channel) {
        this.claim = claim;
        this.handle = handle;
        this.channel = channel;
    }

    private Selectors selectors() {
        return handle.channels().selectors();
    }

    /** Offers the channel by each of its keys that allows it. */
    void begin() {
        impossibleBecause = channel.isBlocking() ? BLOCKING : NO_KEY;
        for (SelectionKey key : selectors().keys(channel)) {
            if (key != null) {
                offer(key);
            }
        }
    }

    private void offer(SelectionKey key) {
        if (!key.isValid()) {
            impossibleBecause = impossibleBecause.equals(NO_KEY) ? CANCELLED : impossibleBecause;
            return;
        }
        SelectorWork work = selectors().work(key.selector());
        String against = work == null ? NOT_THE_JDKS : against(key, work);
        if (work == null || !against.isEmpty()) {
            impossibleBecause = against;
            return;
        }
        selectors().handsBack();
        var back = new HandBack(key, this);
        offers.add(new Offer(key, back, work));
        selectionsBefore += work.selections();
        work.addBack(key.selector(), back);
    }

    /**
     * Why a key is not to be reported; empty if it may be. A loop that dispatches on attachments would fail on a key that has
     * none, and the application has taken care that such a key never becomes ready.
     */
    private String against(SelectionKey key, SelectorWork work) {
        if (selectors().isAbandoned(key.selector())) {
            return ABANDONED;
        }
        if (!hasKnownOwner() && work.readerHasEnded()) {
            return ENDED;
        }
        if (isUnexpected(key)) {
            return key.attachment() == null ? TAKEN_OFF : MARKED;
        }
        if (key.attachment() != null) {
            return "";
        }
        if (selectors().othersHaveAttachments(key, work)) {
            return ALONE;
        }
        return claim.snapshot().outputShut() && !handle.wasLookedAtWhenHalfClosed() ? NOT_KNOWN : "";
    }

    /** The state of the hand-back so far. */
    Back state() {
        int refused = 0;
        int selections = 0;
        boolean reported = false;
        boolean selecting = false;
        for (Offer offer : offers) {
            // In this order: a thread may close the channel and end.
            if (!hasKnownOwner() && offer.work().readerHasEnded() && channel.isOpen()) {
                offer.back().refuse();
            }
            if (offer.back().isTold()) {
                return Back.TOLD;
            }
            refused += offer.back().isRefused() ? 1 : 0;
            selections += offer.work().selections();
            reported |= offer.back().mayBeReported();
            selecting |= selectors().isInSelection(offer.key().selector());
        }
        if (refused == offers.size()) {
            return Back.IMPOSSIBLE;
        }
        if (selections == selectionsBefore) {
            return Back.ASKED;
        }
        if (selecting || selections != selectionsSeen) {
            selectionsSeen = selections;
            return Back.UNDER_WAY;
        }
        return reported ? Back.REPORTED : Back.BUSY;
    }

    /** Whether a key asks for input only because of the hand-back. */
    boolean isOnlyAgentsWish(SelectionKey key) {
        for (Offer offer : offers) {
            if (offer.key() == key) {
                return offer.back().isOnlyAgentsWish();
            }
        }
        return false;
    }

    /** For the report; empty unless it is impossible. */
    String impossibleBecause() {
        if (state() != Back.IMPOSSIBLE) {
            return "";
        }
        return offers.isEmpty() ? impossibleBecause : refusedBecause();
    }

    private String refusedBecause() {
        for (SelectionKey key : selectors().keys(channel)) {
            if (key != null && key.isValid() && isUnexpected(key)) {
                return key.attachment() == null ? TAKEN_OFF : MARKED;
            }
        }
        for (Offer offer : offers) {
            if (offer.work().readerHasEnded()) {
                return ENDED;
            }
        }
        return SUCCEEDED;
    }

    void end() {
        for (Offer offer : offers) {
            offer.back().end();
        }
    }

    /** Whether the application has removed the key's attachment or replaced it by a marker. */
    @Override
    public boolean isUnexpected(SelectionKey key) {
        return handle.hadAttachment() && Attachments.isBare(key.attachment());
    }

    @Override
    public void makeReady() {
        handle.makeReady(channel);
    }

    @Override
    public boolean hasKnownOwner() {
        return claim.ways() > 0;
    }

    @Override
    public void close(SelectionKey key) {
        claim.closeUnlessBusy(key);
    }
}
