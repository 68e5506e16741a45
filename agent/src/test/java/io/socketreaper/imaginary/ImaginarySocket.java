package io.socketreaper.imaginary;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * A socket, seen by the agent and by the peer at once: it is the object that the application holds and its own handle.
 * Begins half-closed, with the story's {@code RSET\r\n} unread and the peer's side open.
 */
public final class ImaginarySocket implements SocketHandle {
    public static final String OWNER = "imaginary owner";
    private static final byte[] STORY = "RSET\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] NOTHING = {};

    private final ImaginaryDescriptors descriptors;
    private final int descriptor;

    private boolean unix;
    /** Whether the application has not closed it. */
    private boolean open = true;

    private Holder hold = Holder.OPEN;
    private boolean outputShut = true;
    private TcpState state = TcpState.FIN_WAIT2;
    private byte[] input = STORY;
    private boolean endOfInput;
    private boolean reset;
    private boolean reading;
    private boolean readInterest;
    private boolean writing;
    private boolean sending;
    private int plaintext;
    private boolean tlsOver;
    private boolean hasLayer;
    private int receiveBuffer;

    private boolean peerSendsWithoutEnd;
    private int busyReads;
    private boolean closeFreesNothing;
    private IOException closeFailure;
    private boolean condemned;
    private boolean collected;
    private boolean inodeLate;
    private boolean stuck;
    private boolean known = true;
    private boolean proven = true;
    private int localPort = 25;
    private Error knownFailure;
    private Runnable duringEachLook;
    private Runnable duringNextQuickCheck;
    private Runnable duringNextLook;
    private Runnable duringNextHalfClose;
    private RuntimeException lookFailure;
    private boolean ownerMustBeAsked;
    private boolean asking;
    private Runnable duringNextClaim;
    private Runnable beforeEachRead;
    private Claim.State claimState = Claim.State.CLAIMED;
    private Claim.Back back = Claim.Back.NOT_NEEDED;
    private boolean closeWaitsForLoop;
    private RuntimeException holderFailure;
    private boolean handedBack;
    private RuntimeException handBackFailure;
    private boolean ownerHasBegun = true;
    private int ways;
    private int wayThatFrees;
    private boolean heldBySelector;
    private boolean waitsForSelection;
    private boolean selectorsThreadBusy;

    private TcpOptions tcp;
    private final List<Integer> waysTried = new ArrayList<>();
    private Queue<Runnable> ownersTasks;
    private boolean optionsRefused;
    private int quickChecks;
    private int looks;
    private int inodeQuestions;
    private int claims;
    private long discarded;
    private int closes;

    ImaginarySocket(ImaginaryDescriptors descriptors, int descriptor) {
        this.descriptors = descriptors;
        this.descriptor = descriptor;
        descriptors.open(descriptor, link());
    }

    // -- Other beginnings than the story's

    /** Connected, nothing unread, both sides open. */
    public ImaginarySocket established() {
        hold = Holder.OPEN;
        outputShut = false;
        state = TcpState.ESTABLISHED;
        input = NOTHING;
        return this;
    }

    /** Its stack has not passed its self-test yet, or has: until then it tells no endpoints and is found well. */
    public ImaginarySocket ofProvenStack(boolean now) {
        proven = now;
        return this;
    }

    /** Port 25 unless it is told otherwise. */
    public ImaginarySocket acceptedOn(int port) {
        localPort = port;
        return this;
    }

    /** From now on what it leaves behind could not be told, until the first look; or could. */
    public ImaginarySocket known(boolean now) {
        known = now;
        return this;
    }

    /** The next question whether it is known, which an event asks once its suspect is in the table. */
    public void askingWhetherItIsKnownFails(Error with) {
        knownFailure = with;
    }

    /** Opened, and neither connected nor bound. */
    public ImaginarySocket unused() {
        established();
        hold = Holder.UNUSED;
        return this;
    }

    /** Its options can be got at. */
    public ImaginarySocket with(TcpOptions options) {
        tcp = options;
        return this;
    }

    /** They can be got at on its owner's thread only, which does what it finds there. */
    public ImaginarySocket with(TcpOptions options, Queue<Runnable> tasks) {
        ownersTasks = tasks;
        return with(options);
    }

    // -- What the peer and the network do

    /** Whether it is a unix-domain socket. */
    public void unix(boolean now) {
        unix = now;
    }

    public void peerSends(String text) {
        peerSends(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void peerSends(byte[] bytes) {
        var all = new byte[input.length + bytes.length];
        System.arraycopy(input, 0, all, 0, input.length);
        System.arraycopy(bytes, 0, all, input.length, bytes.length);
        input = all;
    }

    /** Whatever is read, there is more. */
    public void peerSendsWithoutEnd() {
        peerSendsWithoutEnd = true;
    }

    public void peerCloses() {
        endOfInput = true;
        state = outputShut ? TcpState.CLOSE : TcpState.CLOSE_WAIT;
    }

    public void peerResets() {
        peerCloses();
        state = TcpState.CLOSE;
        reset = true;
    }

    public void inState(TcpState now) {
        state = now;
    }

    public void endOfInput() {
        endOfInput = true;
    }

    public void nothingUnread() {
        input = NOTHING;
    }

    // -- What the application does

    public void reading(boolean now) {
        reading = now;
    }

    public void wantsToRead(boolean now) {
        readInterest = now;
    }

    public void writing(boolean now) {
        writing = now;
    }

    /** What it has written is on its way. */
    public void sending(boolean now) {
        sending = now;
    }

    /** The peer sends until no more fits. */
    public void peerFillsWindow() {
        input = new byte[96];
        receiveBuffer = 128;
    }

    /** The application reads most of what has come. */
    public void readsSome() {
        input = new byte[1];
    }

    /** TLS reads and writes it for the application. */
    public ImaginarySocket belowTls() {
        hasLayer = true;
        return this;
    }

    /** Both sides have ended TLS. */
    public void tlsIsOver() {
        tlsOver = true;
    }

    /** TLS has so many bytes that are decrypted and not read. */
    public void plaintext(int bytes) {
        plaintext = bytes;
    }

    /** Before the hook tells of it. */
    public void shutsOutput() {
        outputShut = true;
        state = state == TcpState.CLOSE_WAIT ? TcpState.CLOSE : TcpState.FIN_WAIT2;
    }

    public void applicationCloses() {
        open = false;
        hold = Holder.GONE;
        freeDescriptor();
    }

    /** A registered channel keeps its descriptor until somebody selects. */
    public void applicationClosesButKeepsDescriptor() {
        open = false;
        hold = Holder.CLOSED;
    }

    /** A thread keeps its descriptor, being in a read when it was closed. */
    public void applicationClosesUnderAStuckReader() {
        applicationClosesButKeepsDescriptor();
        stuck = true;
    }

    /** Whether the next bytes, or the end, would reach the application; it must not once one byte was discarded. */
    public boolean readsOfTheApplicationFail() {
        return condemned || !open;
    }

    /** The collector has taken a socket whose descriptor was never found out. */
    public void collected() {
        hold = Holder.GONE;
        collected = true;
    }

    /** The collector is at work on it; a finalizer may still run. */
    public void collecting() {
        hold = Holder.DYING;
    }

    /** The collector has taken the object, and the descriptor lives on. */
    public void unreachable() {
        hold = Holder.UNREACHABLE;
        inodeLate = quickChecks + looks == 0;
    }

    // -- How it resists

    public void busyForReads(int count) {
        busyReads = count;
    }

    /** The owner's close returns and the descriptor stays. */
    public void closeFreesNothing() {
        closeFreesNothing = true;
    }

    public void closeFails(IOException with) {
        closeFailure = with;
    }

    public void freeDescriptor() {
        descriptors.close(descriptor);
    }

    /** The owner's event loop must claim it, and has not come to that. */
    public void claimMustBeAskedFor() {
        claimState = Claim.State.ASKED;
    }

    public void ownerAnswers(boolean claimed) {
        claimState = claimed ? Claim.State.CLAIMED : Claim.State.REFUSED;
    }

    /** What comes of handing it back. */
    public void back(Claim.Back now) {
        back = now;
    }

    /** What the report asks right after the claim. */
    public void holderFails(RuntimeException with) {
        holderFailure = with;
    }

    /** Every attempt to hand it back. */
    public void handingBackFails(RuntimeException with) {
        handBackFailure = with;
    }

    /** The owner's own read has failed, and it closes. */
    public void ownerCloses() {
        open = false;
        hold = Holder.CLOSED;
        freeDescriptor();
    }

    /** The owner has so many ways to close it, and this one works; 0 for none. */
    public void ownerHasWays(int count, int working) {
        ways = count;
        wayThatFrees = working;
    }

    /** Its event loop has not come to the close. */
    public void ownerHasBegun(boolean now) {
        ownerHasBegun = now;
    }

    /** The whole release is a task of its event loop, which does not come to it; as with Netty's native transports. */
    public void closeWaitsForLoop() {
        closeWaitsForLoop = true;
    }

    /** A close frees the descriptor only with the next selection. */
    public void heldBySelector() {
        heldBySelector = true;
    }

    /** The thread that selects runs the application's code outside a selection. */
    public void selectorsThreadIsBusy(boolean now) {
        selectorsThreadBusy = now;
    }

    /** Somebody selects. */
    public void selection() {
        if (waitsForSelection) {
            ownerCloses();
        }
    }

    public void duringNextQuickCheck(Runnable action) {
        duringNextQuickCheck = action;
    }

    /** Its options cannot be got at, because the application holds a lock. */
    public void optionsAreRefused(boolean now) {
        optionsRefused = now;
    }

    /** Every look at it. */
    public void looksFail(RuntimeException with) {
        lookFailure = with;
    }

    /** Only its owner's thread may look: every other look is an answer. */
    public void ownerMustBeAsked() {
        ownerMustBeAsked = true;
    }

    /** Every look at it, short or long, costs something. */
    public void duringEachLook(Runnable action) {
        duringEachLook = action;
    }

    /** Between the event of the half-close and its effect. */
    public void duringNextHalfClose(Runnable action) {
        duringNextHalfClose = action;
    }

    public void duringNextLook(Runnable action) {
        duringNextLook = action;
    }

    /** Something happens between the agent's last look and its claim. */
    public void duringNextClaim(Runnable action) {
        duringNextClaim = action;
    }

    public void beforeEachRead(Runnable action) {
        beforeEachRead = action;
    }

    // -- What came of it

    /** How often the agent took a short look. */
    public int quickChecks() {
        return quickChecks;
    }

    public int looks() {
        return looks;
    }

    /** How often its inode was asked for. */
    public int inodeQuestions() {
        return inodeQuestions;
    }

    public int claims() {
        return claims;
    }

    public boolean condemned() {
        return condemned;
    }

    public long discarded() {
        return discarded;
    }

    public int closes() {
        return closes;
    }

    /** The ways in which it was closed, {@link Claim#AS_THE_JDK} being none of the owner's. */
    public List<Integer> waysTried() {
        return waysTried;
    }

    /** Whether it is offered to its owner now. */
    public boolean isHandedBack() {
        return handedBack;
    }

    public boolean waitsForSelection() {
        return waitsForSelection;
    }

    public boolean descriptorIsGone() {
        return !link().equals(descriptors.link(descriptor));
    }

    public String link() {
        return "socket:[" + (100_000 + descriptor) + "]";
    }

    /** The facts now, without counting as a look. */
    public SocketSnapshot facts() {
        return switch (hold) {
            case GONE -> SocketSnapshot.gone();
            case DYING -> SocketSnapshot.dying();
            case CLOSED -> descriptorIsGone() ? SocketSnapshot.gone() : SocketSnapshot.closed();
            case UNUSED -> SocketSnapshot.unused();
            case UNREACHABLE ->
                descriptorIsGone()
                        ? SocketSnapshot.gone()
                        : new SocketSnapshot(hold, state, input.length, endOfInput, reset, false, false, false, false);
            case OPEN ->
                new SocketSnapshot(
                        hold,
                        state,
                        input.length,
                        endOfInput,
                        reset,
                        outputShut,
                        reading,
                        readInterest,
                        writing,
                        sending,
                        plaintext,
                        tlsOver,
                        receiveBuffer,
                        0);
        };
    }

    // -- SocketHandle

    @Override
    public boolean is(Object socket) {
        return socket == (collected || hold == Holder.DYING || hold == Holder.UNREACHABLE ? null : this);
    }

    @Override
    public void halfClosed(Object socket) {
        if (duringNextHalfClose != null) {
            Runnable once = duringNextHalfClose;
            duringNextHalfClose = null;
            once.run();
        }
    }

    @Override
    public int identity() {
        return System.identityHashCode(is(this) ? this : null);
    }

    @Override
    public boolean isSame(SocketHandle other) {
        return other == this;
    }

    @Override
    public boolean isKnown() {
        if (knownFailure != null) {
            Error failure = knownFailure;
            knownFailure = null;
            throw failure;
        }
        return known;
    }

    @Override
    public boolean hasLayer() {
        return hasLayer;
    }

    @Override
    public TcpState tcpState() {
        return facts().tcpState();
    }

    @Override
    public QuickCheck quickCheck() {
        quickChecks++;
        if (duringEachLook != null) {
            duringEachLook.run();
        }
        if (duringNextQuickCheck != null) {
            Runnable once = duringNextQuickCheck;
            duringNextQuickCheck = null;
            once.run();
        }
        if (!proven) {
            return QuickCheck.FINE;
        }
        SocketSnapshot now = facts();
        return now.isGone() ? QuickCheck.GONE : now.showsSign() ? QuickCheck.SIGN : QuickCheck.FINE;
    }

    @Override
    public long inode() {
        inodeQuestions++;
        return Descriptors.inode(link());
    }

    @Override
    public boolean isInodeLate() {
        return inodeLate;
    }

    @Override
    public SocketSnapshot snapshot() {
        looks++;
        if (duringEachLook != null) {
            duringEachLook.run();
        }
        if (duringNextLook != null) {
            Runnable once = duringNextLook;
            duringNextLook = null;
            once.run();
        }
        if (lookFailure != null) {
            throw lookFailure;
        }
        asking = ownerMustBeAsked && !asking;
        if (asking) {
            return SocketSnapshot.dying();
        }
        return facts();
    }

    @Override
    public boolean isStuck() {
        return stuck;
    }

    @Override
    public String holder() {
        if (holderFailure != null) {
            throw holderFailure;
        }
        return "";
    }

    @Override
    public boolean isAsking() {
        return asking;
    }

    @Override
    public boolean peerIsThere() {
        return unix;
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public boolean tellsEndpoints() {
        return proven;
    }

    @Override
    public Endpoints findEndpoints() {
        return proven ? endpoints() : new Endpoints(null, null);
    }

    @Override
    public Endpoints endpoints() {
        return new Endpoints(address(10, localPort), address(20, 40_000 + descriptor % 20_000));
    }

    private static InetSocketAddress address(int lastByte, int port) {
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) lastByte}), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public TcpOptions.Done options(TcpOptions.Step step) {
        if (tcp == null || optionsRefused || !open && hold != Holder.UNREACHABLE) {
            return TcpOptions.Done.NO;
        }
        if (ownersTasks != null) {
            ownersTasks.add(() -> {
                if (!isDone(step)) {
                    step.notDone();
                }
            });
            return TcpOptions.Done.LATER;
        }
        return isDone(step) ? TcpOptions.Done.YES : TcpOptions.Done.NO;
    }

    private boolean isDone(TcpOptions.Step step) {
        try {
            if (open || hold == Holder.UNREACHABLE) {
                step.with(tcp);
                return true;
            }
            return false;
        } catch (IOException notDone) {
            return false;
        }
    }

    @Override
    public Claim claim(Predicate<SocketSnapshot> leaked) {
        claims++;
        if (duringNextClaim != null) {
            Runnable once = duringNextClaim;
            duringNextClaim = null;
            once.run();
        }
        SocketSnapshot snapshot = facts();
        if (reading || writing || !leaked.test(snapshot)) {
            return null;
        }
        condemned = hold == Holder.OPEN;
        return new ImaginaryClaim(snapshot);
    }

    private final class ImaginaryClaim implements Claim {
        private final SocketSnapshot snapshot;

        ImaginaryClaim(SocketSnapshot snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public SocketSnapshot snapshot() {
            return snapshot;
        }

        @Override
        public int read(ByteBuffer discardedBytes) throws IOException {
            if (!discardedBytes.isDirect() || !discardedBytes.hasRemaining()) {
                throw new AssertionError("the natives read into direct buffers with room: " + discardedBytes);
            }
            if (!open || descriptorIsGone()) {
                return CLOSED_MEANWHILE;
            }
            if (busyReads > 0) {
                busyReads--;
                return BUSY;
            }
            if (beforeEachRead != null) {
                beforeEachRead.run();
                if (!open) {
                    return CLOSED_MEANWHILE;
                }
            }
            int count = Math.min(discardedBytes.remaining(), input.length);
            if (count > 0) {
                discardedBytes.put(input, 0, count);
                var rest = new byte[input.length - count];
                System.arraycopy(input, count, rest, 0, rest.length);
                input = rest;
            } else if (peerSendsWithoutEnd) {
                count = discardedBytes.remaining();
                discardedBytes.position(discardedBytes.limit());
            } else if (reset) {
                throw new SocketException("Connection reset");
            } else if (endOfInput) {
                return END_OF_INPUT;
            } else {
                return NOTHING_NOW;
            }
            discarded += count;
            return count;
        }

        @Override
        public String owner() {
            return OWNER;
        }

        @Override
        public State state() {
            return claimState;
        }

        @Override
        public boolean withdraw() {
            if (claimState != State.ASKED && !closeWaitsForLoop) {
                return false;
            }
            claimState = State.REFUSED;
            closeWaitsForLoop = false;
            return true;
        }

        @Override
        public Back handBack() {
            if (handBackFailure != null) {
                throw handBackFailure;
            }
            handedBack = back == Back.ASKED;
            return back;
        }

        @Override
        public Back back() {
            return back;
        }

        @Override
        public void endHandBack() {
            handedBack = false;
        }

        @Override
        public String notHandedBackBecause() {
            return back == Back.IMPOSSIBLE ? "it is imaginary" : "";
        }

        @Override
        public boolean isClosed() {
            return !open;
        }

        @Override
        public int ways() {
            return ways;
        }

        @Override
        public boolean hasBegun() {
            return ownerHasBegun;
        }

        @Override
        public boolean isSelectorsThreadBusy(boolean isSlow) {
            return selectorsThreadBusy;
        }

        @Override
        public boolean closeInSelection() {
            waitsForSelection = heldBySelector;
            return heldBySelector;
        }

        @Override
        public void close(int way) throws IOException {
            waysTried.add(way);
            if (way == AS_THE_JDK) {
                close();
            } else if (way == wayThatFrees) {
                ownerCloses();
            }
        }

        @Override
        public void close() throws IOException {
            closes++;
            if (closeWaitsForLoop) {
                return;
            }
            open = false;
            hold = Holder.CLOSED;
            if (closeFailure != null) {
                throw closeFailure;
            }
            if (!closeFreesNothing) {
                freeDescriptor();
            }
        }
    }
}
