package io.socketreaper.imaginary;

import io.socketreaper.judge.Sighting;
import io.socketreaper.judge.TcpState;
import io.socketreaper.socket.Claim;
import io.socketreaper.socket.Endpoints;
import io.socketreaper.socket.SocketHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * A socket that its application has half-closed, seen by the agent and by the peer at once: it is the object that the
 * application holds and its own handle. Begins with the story's {@code RSET\r\n} unread and the peer's side open.
 */
public final class ImaginarySocket implements SocketHandle {
    public static final String OWNER = "imaginary owner";
    private static final byte[] STORY = "RSET\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] NOTHING = {};

    private final ImaginaryDescriptors descriptors;
    private final int descriptor;

    private boolean open = true;
    private boolean collected;
    private TcpState state = TcpState.FIN_WAIT2;
    private byte[] input = STORY;
    private boolean endOfInput;
    private boolean reset;
    private boolean reading;
    private boolean readInterest;

    private boolean peerSendsWithoutEnd;
    private int busyReads;
    private boolean closeFreesNothing;
    private IOException closeFailure;
    private boolean condemned;
    private Runnable duringNextLook;
    private Runnable duringNextClaim;
    private Runnable beforeEachRead;

    private int looks;
    private int claims;
    private long discarded;
    private int closes;

    ImaginarySocket(ImaginaryDescriptors descriptors, int descriptor) {
        this.descriptors = descriptors;
        this.descriptor = descriptor;
        descriptors.open(descriptor, link());
    }

    // -- What the peer and the network do

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
        state = TcpState.CLOSE;
    }

    public void peerResets() {
        peerCloses();
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

    public void applicationCloses() {
        open = false;
        freeDescriptor();
    }

    /** A registered channel keeps its descriptor until somebody selects. */
    public void applicationClosesButKeepsDescriptor() {
        open = false;
    }

    /** Whether the next bytes, or the end, would reach the application; it must not once one byte was discarded. */
    public boolean readsOfTheApplicationFail() {
        return condemned || !open;
    }

    public void collected() {
        collected = true;
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

    public int looks() {
        return looks;
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

    public boolean descriptorIsGone() {
        return !link().equals(descriptors.link(descriptor));
    }

    public String link() {
        return "socket:[" + (100_000 + descriptor) + "]";
    }

    /** The facts now, without counting as a look. */
    public Sighting facts() {
        if (!open || collected) {
            return Sighting.gone();
        }
        return new Sighting(true, state, input.length, endOfInput, reset, reading, readInterest);
    }

    // -- SocketHandle

    @Override
    public boolean is(Object socket) {
        return socket == this;
    }

    @Override
    public Sighting sight() {
        looks++;
        if (duringNextLook != null) {
            Runnable once = duringNextLook;
            duringNextLook = null;
            once.run();
        }
        return facts();
    }

    @Override
    public int descriptor() {
        return descriptor;
    }

    @Override
    public Endpoints endpoints() {
        return new Endpoints(address(10, 25), address(20, 40_000 + descriptor % 20_000));
    }

    private static InetSocketAddress address(int lastByte, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) lastByte}), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public Claim claim(Predicate<Sighting> leaked) {
        claims++;
        if (duringNextClaim != null) {
            Runnable once = duringNextClaim;
            duringNextClaim = null;
            once.run();
        }
        Sighting sighting = facts();
        if (reading || !leaked.test(sighting)) {
            return null;
        }
        condemned = true;
        return new ImaginaryClaim(sighting);
    }

    private final class ImaginaryClaim implements Claim {
        private final Sighting sighting;

        ImaginaryClaim(Sighting sighting) {
            this.sighting = sighting;
        }

        @Override
        public Sighting sighting() {
            return sighting;
        }

        @Override
        public int read(ByteBuffer discardedBytes) throws IOException {
            if (!discardedBytes.isDirect() || !discardedBytes.hasRemaining()) {
                throw new AssertionError("the natives read into direct buffers with room: " + discardedBytes);
            }
            if (!open) {
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
        public void close() throws IOException {
            closes++;
            open = false;
            if (closeFailure != null) {
                throw closeFailure;
            }
            if (!closeFreesNothing) {
                freeDescriptor();
            }
        }
    }
}
