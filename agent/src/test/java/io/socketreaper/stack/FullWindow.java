package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.LeakKind;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.Supplier;

/** A connection whose peer sends until the receive window of our end is full. */
public final class FullWindow {
    private static final int CHUNK = 64 * 1024;

    private FullWindow() {}

    /** Sends until no more fits, and the handle sees it. */
    public static void fill(SocketChannel peer, SocketHandle handle) throws IOException {
        peer.configureBlocking(false);
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        TcpConnection.await(
                "the receive window is full",
                () -> peer.write(chunk.clear()) == 0 && handle.fullCheck() == QuickCheck.SIGN);
    }

    /** Asserts that it is seen as what it is, now and after the peer has closed, and returns what was seen last. */
    public static SocketSnapshot assertSeen(Supplier<SocketSnapshot> look, SocketChannel peer) throws IOException {
        assertFull(look.get());
        peer.close();
        SocketSnapshot after = look.get();
        assertFull(after);
        return after;
    }

    private static void assertFull(SocketSnapshot snapshot) {
        assertEquals(TcpState.ESTABLISHED, snapshot.tcpState());
        assertTrue(snapshot.isWindowFull(), snapshot::toString);
        assertEquals(LeakKind.WINDOW_FULL, snapshot.kind());
        assertFalse(snapshot.endOfInput());
        assertFalse(snapshot.reading() || snapshot.readInterest());
    }

    /** Asserts that a claim resets the connection, after it has discarded what had come. */
    public static void assertResetByClaim(SocketHandle handle, SocketChannel peer) throws IOException {
        int unread = handle.snapshot().unreadBytes();
        Claim claim = handle.claim(SocketSnapshot::isWindowFull);
        assertNotNull(claim);
        assertTrue(claim.isReset());
        Claim.Emptied emptied = claim.emptied();
        assertNotNull(emptied);
        assertTrue(emptied.bytes() >= unread, () -> emptied.bytes() + " of " + unread + " and more");
        peer.configureBlocking(true);
        assertThrows(IOException.class, () -> peer.read(ByteBuffer.allocate(1)));
    }
}
