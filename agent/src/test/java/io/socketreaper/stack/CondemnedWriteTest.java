package io.socketreaper.stack;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.nio.NioSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer that has ended its side gets of an answer that is cut by a release: what was written before it, and an error. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CondemnedWriteTest {
    private static final byte[] BEFORE = random(50_000, 1);
    private static final byte[] AFTER = random(300_000, 2);

    @BeforeAll
    static void prepareBuffer() {
        var buffer = new DiscardBuffer(Clock.SYSTEM);
        buffer.prepare();
        TcpConnection.stack().discardInto(buffer);
        ClassicConnection.STACK.discardInto(buffer);
    }

    private static byte[] random(int length, int seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** The peer has got part of an answer, has not read it yet, and waits for the rest. */
    private static TcpConnection halfAnswered() throws IOException {
        TcpConnection connection = TcpConnection.open();
        connection.ours.write(ByteBuffer.wrap(BEFORE));
        connection.peer.shutdownOutput();
        await("CLOSE_WAIT", () -> connection.handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
        await("all of it arrived", () -> available(connection.peer) == BEFORE.length);
        return connection;
    }

    private static int available(SocketChannel channel) throws IOException {
        return channel.socket().getInputStream().available();
    }

    @ParameterizedTest
    @EnumSource
    void aWriteAfterTheClaimFailsBeforeItsFirstByteAndThePeerGetsNoEnd(Writing way) throws Exception {
        assumeTrue(way.isKnownHere());
        try (TcpConnection connection = halfAnswered()) {
            connection.ours.configureBlocking(way.needsBlockingMode());
            Claim claim = connection.handle.claim(any -> true);
            assertTrue(claim.isReset());
            assertThrows(IOException.class, () -> way.write(connection.ours, AFTER));
            assertThrows(IOException.class, () -> way.write(connection.ours, AFTER));
            assertCut(connection.peer.socket().getInputStream());

            claim.close();
            connection.awaitRelease();
        }
    }

    /** Reads all that came before the claim, then an error instead of an end. */
    private static void assertCut(InputStream peer) {
        var got = new ByteArrayOutputStream();
        assertThrows(IOException.class, () -> peer.transferTo(got));
        assertArrayEquals(BEFORE, got.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadAfterTheClaimReturnsTheEndThatThePeerHasSent(boolean blocking) throws Exception {
        try (TcpConnection connection = halfAnswered()) {
            connection.ours.configureBlocking(blocking);
            Claim claim = connection.handle.claim(any -> true);
            for (int i = 0; i < 3; i++) {
                assertEquals(-1, connection.ours.read(ByteBuffer.allocate(8)));
            }
            claim.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadAfterTheClaimFailsIfBytesWereDiscarded(boolean blocking) throws Exception {
        try (TcpConnection connection = TcpConnection.open()) {
            connection.peer.write(ByteBuffer.allocate(100));
            connection.peer.shutdownOutput();
            await("CLOSE_WAIT", () -> connection.handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
            connection.ours.configureBlocking(blocking);
            Claim claim = connection.handle.claim(any -> true);
            for (int i = 0; i < 3; i++) {
                var failure = assertThrows(IOException.class, () -> connection.ours.read(ByteBuffer.allocate(8)));
                assertEquals("Connection reset", failure.getMessage());
            }
            claim.close();
        }
    }

    @Test
    void whatTheResetDiscardsIsCounted() throws Exception {
        try (TcpConnection connection = TcpConnection.open()) {
            TcpConnection.write(connection.peer, TcpConnection.UNREAD);
            connection.peer.shutdownOutput();
            await("CLOSE_WAIT", () -> connection.handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
            Claim claim = connection.handle.claim(any -> true);

            assertEquals(Claim.WITH_CLOSE, claim.read(ByteBuffer.allocateDirect(8)));
            assertEquals(TcpConnection.UNREAD.length(), claim.emptied().bytes());
            assertTrue(claim.emptied().endOfInput());
            assertFalse(claim.emptied().reset());
        }
    }

    @Test
    void anAnswerThatTheApplicationHasEndedEndsForThePeer() throws Exception {
        try (TcpConnection connection = TcpConnection.open()) {
            connection.ours.write(ByteBuffer.wrap(BEFORE));
            connection.ours.shutdownOutput();
            await("FIN_WAIT2", () -> connection.handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
            Claim claim = connection.handle.claim(any -> true);
            assertFalse(claim.isReset());
            claim.close();
            connection.awaitRelease();

            assertArrayEquals(BEFORE, TcpConnection.readToEnd(connection.peer));
        }
    }

    // -- Classic

    @Test
    void theSameWithASocketWhoseInputHasEndedInOrderAndGoesOnSayingSo() throws Exception {
        ClassicConnection.with((ours, peer, handle) -> {
            ours.getOutputStream().write(BEFORE);
            peer.shutdownOutput();
            await("CLOSE_WAIT", () -> handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
            await("all of it arrived", () -> peer.getInputStream().available() == BEFORE.length);
            InputStream in = ours.getInputStream();
            Claim claim = handle.claim(any -> true);
            assertTrue(claim.isReset());

            assertThrows(IOException.class, () -> ours.getOutputStream().write(AFTER));
            assertEquals(-1, in.read(), "nothing is missing of what the peer has sent");
            assertCut(peer.getInputStream());
            claim.close();
            assertEquals(-1, in.read());
        });
    }

    @Test
    void aSocketWhoseUnreadBytesWereDiscardedSaysThatItWasReset() throws Exception {
        ClassicConnection.with((ours, peer, handle) -> {
            peer.getOutputStream().write(BEFORE, 0, 5);
            peer.shutdownOutput();
            await(
                    "unread, CLOSE_WAIT",
                    () -> handle.snapshot().unreadBytes() == 5
                            && handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
            Claim claim = handle.claim(any -> true);
            assertThrows(IOException.class, () -> ours.getInputStream().read());
            claim.close();
            assertThrows(IOException.class, () -> ours.getInputStream().read());
        });
    }

    // -- State CLOSE: the kernel tells of a reset once, and a FIN that came in order for ever

    /** The peer's FIN, then its reset, fetched by a write: none of its bytes is missing. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatEndedInOrderAndIsGoneSinceHasEnded(boolean blocking) throws Exception {
        try (TcpConnection connection = TcpConnection.open()) {
            connection.peer.close();
            await("CLOSE_WAIT", () -> connection.handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
            connection.ours.write(ByteBuffer.allocate(1));
            await("CLOSE", () -> connection.handle.snapshot().tcpState() == TcpState.CLOSE);
            connection.ours.configureBlocking(blocking);
            Claim claim = connection.handle.claim(any -> true);
            assertFalse(claim.isReset());
            for (int i = 0; i < 3; i++) {
                assertEquals(-1, connection.ours.read(ByteBuffer.allocate(8)));
            }
            assertThrows(IOException.class, () -> connection.ours.write(ByteBuffer.wrap(AFTER)));
            claim.close();
        }
        ClassicConnection.with((ours, peer, handle) -> {
            peer.close();
            await("CLOSE_WAIT", () -> handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
            ours.getOutputStream().write(1);
            await("CLOSE", () -> handle.snapshot().tcpState() == TcpState.CLOSE);
            InputStream in = ours.getInputStream();
            Claim claim = handle.claim(any -> true);
            assertEquals(-1, in.read());
            claim.close();
            assertEquals(-1, in.read());
        });
    }

    /** In whichever way the application was told of the reset before, or was not. */
    @ParameterizedTest
    @ValueSource(strings = {"", "read", "write"})
    void aPeerThatResetTheConnectionHasNotEnded(String told) throws Exception {
        try (TcpConnection connection = TcpConnection.open()) {
            connection.resetByPeer();
            await("CLOSE", () -> connection.handle.snapshot().tcpState() == TcpState.CLOSE);
            if (told.equals("read")) {
                assertThrows(IOException.class, () -> connection.ours.read(ByteBuffer.allocate(8)));
            } else if (told.equals("write")) {
                assertThrows(IOException.class, () -> connection.ours.write(ByteBuffer.allocate(8)));
            }
            Claim claim = connection.handle.claim(any -> true);
            for (int i = 0; i < 3; i++) {
                assertThrows(IOException.class, () -> connection.ours.read(ByteBuffer.allocate(8)));
            }
            if (told.isEmpty()) {
                assertThrows(
                        IOException.class,
                        () -> claim.read(ByteBuffer.allocateDirect(8)),
                        "so that the report says it");
            }
            claim.close();
        }
    }

    /** Its bytes are with us the moment it writes them; only a reset tells that it has not read all of ours. */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void aUnixDomainPeerThatIsGoneHasEndedUnlessItHasLeftOurBytesUnread(boolean halfClosed, boolean leftUnread)
            throws Exception {
        Path directory = Files.createTempDirectory("condemned");
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
                var peer = SocketChannel.open(address);
                var ours = server.accept()) {
            NioSocket handle = TcpConnection.handleOf(ours);
            if (leftUnread) {
                ours.write(ByteBuffer.wrap(new byte[3]));
            }
            if (halfClosed) {
                ours.shutdownOutput();
            }
            peer.close();
            assertEquals(TcpState.CLOSE, handle.snapshot().tcpState());
            Claim claim = handle.claim(any -> true);
            for (int i = 0; i < 3; i++) {
                if (leftUnread) {
                    assertThrows(IOException.class, () -> ours.read(ByteBuffer.allocate(8)));
                } else {
                    assertEquals(-1, ours.read(ByteBuffer.allocate(8)));
                }
            }
            assertThrows(IOException.class, () -> ours.write(ByteBuffer.wrap(AFTER)));
            claim.close();
        } finally {
            Files.delete(directory.resolve("s"));
            Files.delete(directory);
        }
    }

    // -- Unix-domain, which has no reset: the peer is told by what stays unread

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aUnixDomainSocketsWriteFailsTooAndWhatStaysUnreadTellsItsPeer(boolean blocking) throws Exception {
        Path directory = Files.createTempDirectory("condemned");
        var address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
                var peer = SocketChannel.open(address);
                var ours = server.accept()) {
            NioSocket handle = TcpConnection.handleOf(ours);
            ours.write(ByteBuffer.wrap(BEFORE));
            peer.write(ByteBuffer.wrap(new byte[2]));
            peer.shutdownOutput();
            ours.configureBlocking(blocking);
            assertEquals(TcpState.CLOSE_WAIT, handle.snapshot().tcpState());
            Claim claim = handle.claim(any -> true);
            assertFalse(claim.isReset());
            assertTrue(claim.tellsByUnread());

            assertThrows(IOException.class, () -> ours.write(ByteBuffer.wrap(AFTER)));
            assertThrows(IOException.class, () -> ours.read(ByteBuffer.allocate(8)));
            claim.close();
            assertFalse(ours.isOpen());
            assertEquals(SocketSnapshot.gone(), handle.snapshot());
            assertCut(Channels.newInputStream(peer));
        } finally {
            Files.delete(directory.resolve("s"));
            Files.delete(directory);
        }
    }

    // -- A dropped channel

    @Test
    void whatADroppedChannelHasWrittenReachesThePeerThoughItWasResetThen() throws Exception {
        try (ServerSocketChannel server = TcpConnection.listen();
                var peer = SocketChannel.open(server.getLocalAddress())) {
            NioSocket handle = dropped(server, peer);
            await("unreachable", () -> {
                System.gc();
                return handle.snapshot().hold() == SocketSnapshot.Holder.UNREACHABLE;
            });
            Claim claim = handle.claim(any -> true);
            assertTrue(claim.isReset());
            claim.close();
            assertEquals(SocketSnapshot.gone(), handle.snapshot());

            assertCut(peer.socket().getInputStream());
        }
    }

    private static NioSocket dropped(ServerSocketChannel server, SocketChannel peer) throws IOException {
        SocketChannel ours = server.accept();
        NioSocket handle = TcpConnection.handleOf(ours);
        ours.write(ByteBuffer.wrap(BEFORE));
        peer.write(ByteBuffer.wrap(new byte[2]));
        await(
                "unread, and the answer arrived",
                () -> handle.snapshot().unreadBytes() == 2 && available(peer) == BEFORE.length);
        return handle;
    }

    interface ClassicStory {
        void tell(Socket ours, Socket peer, SocketHandle handle) throws Exception;
    }

    private static final class ClassicConnection {
        private static final ClassicSocketStack STACK = resolved();

        private static ClassicSocketStack resolved() {
            var stack = new ClassicSocketStack(new ProcDescriptors(Clock.SYSTEM));
            try {
                stack.resolve();
                stack.proven();
                return stack;
            } catch (ReflectiveOperationException unknownJdk) {
                throw new ExceptionInInitializerError(unknownJdk);
            }
        }

        static void with(ClassicStory story) throws Exception {
            try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                    var peer = new Socket(server.getInetAddress(), server.getLocalPort());
                    Socket ours = server.accept()) {
                SocketHandle handle = STACK.handle(STACK.implementationOf(ours));
                assertNotNull(handle);
                handle.heldThrough(ours);
                story.tell(ours, peer, handle);
            }
        }
    }
}
