package io.socketreaper.stack.nio;

import io.socketreaper.descriptor.Kernel;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.owner.Owner;
import io.socketreaper.selector.Attachments;
import io.socketreaper.selector.HandBack;
import io.socketreaper.selector.SelectorWork;
import io.socketreaper.selector.Selectors;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.EventLoopClaim;
import io.socketreaper.stack.StreamSocketHandle;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** A {@link SocketChannel} of the JDK, TCP or unix-domain. */
public final class NioSocket extends StreamSocketHandle {
    /** Constants, which the compiler needs on the one path that every channel takes. Initialised before the stack is proven. */
    static final class Fields {
        static final VarHandle FD;
        static final VarHandle NUMBER;
        static final VarHandle KEYS;

        static {
            try {
                Class<?> type = Class.forName("sun.nio.ch.SocketChannelImpl");
                MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
                FD = lookup.findVarHandle(type, "fd", FileDescriptor.class);
                NUMBER = lookup.findVarHandle(type, "fdVal", int.class);
                KEYS = MethodHandles.privateLookupIn(AbstractSelectableChannel.class, MethodHandles.lookup())
                        .findVarHandle(AbstractSelectableChannel.class, "keys", SelectionKey[].class);
            } catch (ReflectiveOperationException unknownInternals) {
                throw new ExceptionInInitializerError(unknownInternals);
            }
        }
    }

    NioSocket(NioStack stack, Object channel) {
        // The JDK never closes the descriptor of a dropped channel.
        super(stack, channel, false);
    }

    private NioStack channels() {
        return (NioStack) stack();
    }

    /** Final in the JDK: it outlives the close. */
    public static int number(Object channel) {
        return (int) Fields.NUMBER.get(channel);
    }

    @Override
    public void opened(Object channel) {
        if (stack().isProven()) {
            note((FileDescriptor) Fields.FD.get(channel), number(channel));
        }
    }

    /** Without the lock of the keys: a key that is registered at this moment may be missed, and a later look sees it. */
    @Override
    public void halfClosed(Object channel) {
        if (stack().isProven()) {
            noteHalfClose(hasAttachment(channel));
        }
    }

    @Override
    public void lookAtAttachments(Object channel) {
        if (hasAttachment(channel)) {
            noteAttachment();
        }
    }

    private static boolean hasAttachment(Object channel) {
        var keys = (SelectionKey[]) Fields.KEYS.get(channel);
        if (keys != null) {
            for (SelectionKey key : keys) {
                if (key != null && key.isValid() && !Attachments.isBare(key.attachment())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** An {@code SSLSocket} that the application has put before the channel's adaptor. */
    @Override
    public void heldThrough(Object socket) {
        Object channel = get();
        if (channel != null) {
            channels().layer(channel, (Socket) socket);
        }
    }

    @Override
    public Socket layers(Object channel) {
        return channels().layers(channel);
    }

    @Override
    public boolean isOpen(Object channel) {
        return ((SocketChannel) channel).isOpen();
    }

    @Override
    public boolean isUnused(Object channel) {
        return channels().isUnused(channel);
    }

    @Override
    public boolean isConnecting(Object channel) {
        return channels().isConnecting(channel);
    }

    @Override
    public boolean isRegistered(Object channel) {
        return ((SocketChannel) channel).isRegistered();
    }

    @Override
    public boolean isUnix(Object channel) {
        return channels().isUnixSocket(channel);
    }

    /** What a key wants of a selector that is known to be abandoned will never be told to anybody. */
    @Override
    public int interest(Object channel) {
        int interest = 0;
        for (SelectionKey key : channels().selectors().keys(channel)) {
            try {
                int wanted = key == null ? 0 : key.interestOps();
                if (key != null && !Attachments.isBare(key.attachment())) {
                    noteAttachment();
                }
                if (wanted != 0 && !channels().selectors().isAbandoned(key.selector())) {
                    interest |= wanted;
                }
            } catch (CancelledKeyException noLonger) {
                // a cancelled key wants nothing
            }
        }
        return interest;
    }

    @Override
    public boolean isWaitedForInVain(Object channel) {
        boolean inVain = false;
        for (SelectionKey key : channels().selectors().keys(channel)) {
            try {
                if (key != null && key.interestOps() != 0) {
                    if (!channels().selectors().isAbandoned(key.selector())) {
                        return false;
                    }
                    inVain = true;
                }
            } catch (CancelledKeyException noLonger) {
                // a cancelled key wants nothing
            }
        }
        return inVain;
    }

    @Override
    public String selectorsOf(Object channel) {
        SelectionKey[] keys = channels().selectors().keys(channel);
        return isOpen(channel)
                ? channels().selectors().describeAbandoned(keys)
                : channels().selectors().describe(keys);
    }

    @Override
    public int descriptor(Object channel) {
        return number(channel);
    }

    @Override
    public Endpoints endpoints(Object channel) {
        return channels().endpoints(channel);
    }

    @Override
    public LiveClaim condemned(Object channel, Condemned how) {
        SelectionKey[] keys = channels().selectors().keys(channel);
        return new NioClaim((SocketChannel) channel, how, Owner.of(keys));
    }

    @Override
    public Claim closed(Object channel, SocketSnapshot snapshot) {
        return new ClosedChannelClaim((SocketChannel) channel, channels().selectors(), snapshot);
    }

    /** If its owner has an event loop, that one claims it, after all that the application has queued there. */
    @Override
    public Claim claimOpen(Object channel, Predicate<SocketSnapshot> leaked) {
        Owner owner = Owner.of(channels().selectors().keys(channel));
        Executor eventLoop = owner.eventLoop();
        if (eventLoop != null) {
            var asked = new EventLoopClaim(
                    owner.name(), snapshot(channel), () -> owner.isInUse() ? null : claimNow(channel, leaked));
            if (!leaked.test(asked.snapshot())) {
                return null;
            }
            if (asked.ask(eventLoop)) {
                return asked;
            }
        }
        return owner.isInUse() ? null : claimNow(channel, leaked);
    }

    /** Ready to be read in any case: what was drained up to now and is idle is shut, which nobody else is told of. */
    private void makeReady(Object channel) {
        synchronized (channels().fields().stateLock(channel)) {
            if (!isOpen(channel) || !channels().fields().isConnected(channel)) {
                return;
            }
            try {
                FileDescriptor fd = channels().fields().fd(channel);
                if (channels().kernel().pollNow(fd, Kernel.POLLIN) == 0) {
                    channels().kernel().shutInput(fd);
                }
            } catch (Throwable ended) {
                // then it is ready
            }
        }
    }

    @Override
    public void nothingIsMissing(Object channel) {
        channels().inputHasEnded(channel);
    }

    private final class NioClaim extends LiveClaim {
        private static final String BLOCKING = "in blocking mode it has no selection key";
        private static final String NO_KEY = "it has no selection key";
        private static final String ABANDONED = "nobody selects on its selector any more";
        private static final String CANCELLED = "its selection key is cancelled";
        private static final String NOT_THE_JDKS = "its selector is not one of the JDK's";
        private static final String ENDED =
                "the thread that selected on its selector ended when a channel was handed back to it";
        private static final String SUCCEEDED = "another thread has begun to select since it was handed back";
        private static final String TAKEN_OFF = "the application has taken the attachment off its selection key";
        private static final String MARKED =
                "the application has put a mark in place of its selection key's attachment";
        private static final String NOT_KNOWN =
                "its selection key has no attachment, and its half-close was before the agent could see "
                        + "whether it had one, so the application may have taken it off";
        private static final String ALONE =
                "its selection key has no attachment, but keys of other connections have one";

        private final SocketChannel channel;
        private final Owner owner;
        private final List<HandBack> backs = new ArrayList<>();
        private final List<SelectorWork> works = new ArrayList<>();
        private int selectionsBefore;
        private final AtomicBoolean closingBelow = new AtomicBoolean();
        private String notHandedBack = "";
        /** Its close is queued for a selection. */
        private volatile boolean waits;

        private volatile boolean left;

        NioClaim(SocketChannel channel, Condemned how, Owner owner) {
            super(channel, how);
            this.channel = channel;
            this.owner = owner;
        }

        private Selectors selectors() {
            return channels().selectors();
        }

        @Override
        public String owner() {
            return owner.name();
        }

        @Override
        public Back handBack() {
            if (!owner.handsBack()) {
                return Back.NOT_NEEDED;
            }
            SelectionKey[] keys = selectors().keys(channel);
            notHandedBack = channel.isBlocking() ? BLOCKING : NO_KEY;
            for (SelectionKey key : keys) {
                if (key == null) {
                    continue;
                }
                SelectorWork work = key.isValid() ? selectors().work(key.selector()) : null;
                String against = work == null ? "" : notToBeHandedBack(key, work);
                if (!key.isValid()) {
                    notHandedBack = notHandedBack.equals(NO_KEY) ? CANCELLED : notHandedBack;
                } else if (work == null) {
                    notHandedBack = NOT_THE_JDKS;
                } else if (!against.isEmpty()) {
                    notHandedBack = against;
                } else {
                    var back = new HandBack(
                            key,
                            () -> makeReady(channel),
                            () -> hasLostAttachment(key),
                            isUnknown() ? () -> closeUnlessInUse(key) : null);
                    backs.add(back);
                    works.add(work);
                    selectionsBefore += work.selections();
                    work.addBack(key.selector(), back);
                }
            }
            return back();
        }

        /**
         * A loop that dispatches on attachments would fail on a key that has none, and the application has taken care that such a key
         * never becomes ready. Empty if nothing speaks against it.
         */
        private String notToBeHandedBack(SelectionKey key, SelectorWork work) {
            if (selectors().isAbandoned(key.selector())) {
                return ABANDONED;
            }
            if (isUnknown() && work.readerHasEnded()) {
                return ENDED;
            }
            if (hasLostAttachment(key)) {
                return key.attachment() == null ? TAKEN_OFF : MARKED;
            }
            if (key.attachment() != null) {
                return "";
            }
            return selectors().othersHaveAttachments(key, work)
                    ? ALONE
                    : snapshot().outputShut() && !wasAskedForAttachment() ? NOT_KNOWN : "";
        }

        /** Whether its event loop is of no framework that is known here, so what it does with the key is not known. */
        private boolean isUnknown() {
            return owner.ways() == 0;
        }

        private String whyRefused() {
            for (SelectionKey key : selectors().keys(channel)) {
                if (key != null && key.isValid() && hasLostAttachment(key)) {
                    return key.attachment() == null ? TAKEN_OFF : MARKED;
                }
            }
            for (SelectorWork work : works) {
                if (work.readerHasEnded()) {
                    return ENDED;
                }
            }
            return SUCCEEDED;
        }

        /** Also asked in the selection that is to report the key: the application may have done it since. */
        private boolean hasLostAttachment(SelectionKey key) {
            return hadAttachment() && Attachments.isBare(key.attachment());
        }

        @Override
        public Back back() {
            int refused = 0;
            for (int i = 0; i < backs.size(); i++) {
                HandBack back = backs.get(i);
                // In this order: a thread may close the channel and end.
                if (isUnknown() && works.get(i).readerHasEnded() && channel.isOpen()) {
                    back.refuse();
                }
                if (back.isTold()) {
                    return Back.TOLD;
                }
                if (back.isRefused()) {
                    refused++;
                }
            }
            if (refused == backs.size()) {
                notHandedBack = backs.isEmpty() ? notHandedBack : whyRefused();
                return Back.IMPOSSIBLE;
            }
            int selections = 0;
            for (SelectorWork work : works) {
                selections += work.selections();
            }
            return selections == selectionsBefore ? Back.ASKED : Back.UNDER_WAY;
        }

        @Override
        public void endHandBack() {
            for (HandBack back : backs) {
                back.end();
            }
        }

        @Override
        public String notHandedBackBecause() {
            return back() == Back.IMPOSSIBLE ? notHandedBack : "";
        }

        @Override
        public int ways() {
            return owner.ways();
        }

        @Override
        public boolean hasBegun() {
            return owner.hasBegun();
        }

        @Override
        public boolean isSelectedByLiveThread() {
            for (SelectionKey key : selectors().keys(channel)) {
                if (key != null && selectors().isSelectedByLiveThread(key.selector())) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public boolean closeInSelection() {
            for (SelectionKey key : selectors().keys(channel)) {
                SelectorWork work = key == null ? null : selectors().workOfNextSelection(key.selector());
                if (work != null) {
                    waits |= !selectors().isAbandoned(key.selector());
                    work.addClose(key, () -> closeUnlessInUse(key));
                }
            }
            return waits;
        }

        /**
         * The thread that selects is not to wait for a lock of the channel. Of several selectors each lets go in its own selection, and
         * the last one closes.
         */
        private void closeUnlessInUse(SelectionKey ours) {
            if (!channel.isOpen() || channel.isBlocking() || !isAtRest(channel)) {
                waits = false;
            } else {
                try {
                    // Cancelled before the others are looked at: of two that do so at once one closes.
                    ours.cancel();
                    if (isLast(ours)) {
                        channel.close();
                    }
                } catch (IOException failed) {
                    // The descriptor is checked in any case.
                }
            }
        }

        private boolean isLast(SelectionKey ours) {
            for (SelectionKey key : selectors().keys(channel)) {
                if (key != null && key != ours && key.isValid()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void close() throws IOException {
            SelectionKey[] keys = selectors().keys(channel);
            withoutLinger();
            if (keys.length > 0) {
                selectors().closeAll(keys);
                if (isLeft(keys)) {
                    return;
                }
            }
            channel.close();
            selectors().release(channel, keys);
        }

        /**
         * Left to the next selection of the thread that holds its key: the key would be cancelled under its hands, and the descriptor
         * would not be freed sooner by that.
         */
        private boolean isLeft(SelectionKey[] keys) {
            left = false;
            for (SelectionKey key : keys) {
                left |= waits && channel.isOpen() && key != null && selectors().isInHand(key);
            }
            return left;
        }

        @Override
        public boolean waitsNoLonger() {
            waits = false;
            boolean wasLeft = left;
            left = false;
            return wasLeft && channel.isOpen();
        }

        /** An owner's close hangs; should this one, too, then those that follow only wake the selectors. */
        @Override
        public void closeBelow() throws IOException {
            if (closingBelow.compareAndSet(false, true)) {
                close();
            } else {
                Selectors.wakeUp(selectors().keys(channel));
            }
        }

        @Override
        public void close(int way) throws IOException {
            if (way == AS_THE_JDK) {
                close();
                return;
            }
            withoutLinger();
            owner.close(channel, selectors().keys(channel), way, new SocketException("Connection reset"));
        }

        /** A lingering close would block its thread, an abortive one would reset a peer that is not to be reset. */
        private void withoutLinger() {
            if (isReset()) {
                return;
            }
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, -1);
            } catch (IOException | RuntimeException closedMeanwhile) {
                // then nothing is left to linger
            }
        }
    }
}
