package io.socketreaper.stack.tls;

import static io.socketreaper.stack.TcpConnection.REPLY;
import static io.socketreaper.stack.TcpConnection.UNREAD;
import static io.socketreaper.stack.TcpConnection.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.classic.ClassicSocketStack;
import io.socketreaper.stack.tls.TlsPair.Layering;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The founding story through TLS. {@code SSLSocket.shutdownOutput} sends close_notify and then the FIN. */
@Timeout(60)
class TlsSocketTest {
    private static final ProcDescriptors DESCRIPTORS = new ProcDescriptors(Clock.SYSTEM);
    private static final ClassicSocketStack STACK = new ClassicSocketStack(DESCRIPTORS);

    private TlsPair tls;
    private SocketHandle handle;

    @BeforeAll
    static void resolve() throws ReflectiveOperationException {
        assumeTrue(
                SSLSocket.class.getModule().isOpen("sun.security.ssl", TlsSocketTest.class.getModule()),
                "needs --add-opens java.base/sun.security.ssl=ALL-UNNAMED");
        STACK.resolve();
        STACK.proven();
    }

    static Stream<Arguments> owning() {
        return Stream.of(Layering.OWN, Layering.AUTO_CLOSE)
                .flatMap(layering -> Stream.of("TLSv1.2", "TLSv1.3").map(protocol -> Arguments.of(layering, protocol)));
    }

    private void open(Layering layering, String protocol) throws Exception {
        tls = new TlsPair(layering, protocol);
        handle = STACK.handle(STACK.implementationOf(tls.below));
        handle.heldThrough(tls.ours);
    }

    private void halfClose(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        tls.ours.getOutputStream().write(REPLY.getBytes(US_ASCII));
        tls.ours.shutdownOutput();
        tls.peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        await(
                "input unread, FIN acknowledged",
                () -> handle.snapshot().unreadBytes() > UNREAD.length()
                        && handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
    }

    @AfterEach
    void close() throws IOException {
        if (tls != null) {
            tls.close();
        }
    }

    @ParameterizedTest
    @MethodSource("owning")
    void theSslSocketIsFoundInFrontOfItsSocketHoweverItIsLayered(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        assertNotNull(STACK.implementationOf(tls.ours));
        assertEquals(STACK.implementationOf(tls.below), STACK.implementationOf(tls.ours));
    }

    @ParameterizedTest
    @MethodSource("owning")
    void aHalfCloseIsOneOnTheWireToo(Layering layering, String protocol) throws Exception {
        halfClose(layering, protocol);
        assertTrue(handle.snapshot().outputShut());
        assertFalse(handle.snapshot().reading());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneThatLeavesTheSocketToTheApplicationIsNoHalfClosedSocket(String protocol) throws Exception {
        open(Layering.KEEP, protocol);
        tls.ours.shutdownOutput();
        assertFalse(handle.snapshot().outputShut());
        assertEquals(TcpState.ESTABLISHED, handle.snapshot().tcpState());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneThatLeavesTheSocketToTheApplicationIsLookedAtAndTheSocketBelowIsReleased(String protocol) throws Exception {
        tls = new TlsPair(Layering.KEEP, protocol);
        handle = STACK.handle(STACK.implementationOf(tls.ours));
        handle.heldThrough(tls.below);
        handle.heldThrough(tls.ours);
        tls.below.shutdownOutput();
        handle.heldThrough(tls.below);
        String link = linkOf(handle);
        tls.peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        tls.ours.getInputStream().read();
        assertEquals(UNREAD.length() - 1, handle.snapshot().plaintext());

        Claim claim = handle.claim(any -> true);
        assertEquals("java.net.Socket", claim.owner());
        claim.close();
        assertTrue(tls.below.isClosed());
        assertFalse(tls.ours.isClosed());
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertThrows(IOException.class, () -> tls.ours.getInputStream().read());
    }

    private static String linkOf(SocketHandle handle) {
        handle.snapshot();
        return DESCRIPTORS.link(handle.descriptor());
    }

    @ParameterizedTest
    @MethodSource("owning")
    void aBlockedReaderIsSeen(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        tls.ours.shutdownOutput();
        var reader = new Thread(() -> {
            try {
                tls.ours.getInputStream().read();
            } catch (IOException closed) {
                // by the end of the test
            }
        });
        reader.setDaemon(true);
        reader.start();
        await("reading", () -> handle.snapshot().reading());
        assertNull(handle.claim(any -> true));
    }

    @ParameterizedTest
    @MethodSource("owning")
    void aClaimedOneNeverReadsAnEndOfInput(Layering layering, String protocol) throws Exception {
        halfClose(layering, protocol);
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(SocketSnapshot::unread);
        assertThrows(IOException.class, () -> tls.ours.getInputStream().read());
        assertTrue(claim.read(ByteBuffer.allocateDirect(4096)) > UNREAD.length());
        var input = tls.ours.getInputStream();
        assertThrows(IOException.class, input::read);
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertThrows(IOException.class, input::read);
        assertThrows(IOException.class, input::read);
        assertThrows(IOException.class, () -> input.readNBytes(5));
        assertThrows(SocketException.class, () -> tls.ours.getInputStream());
    }

    /** A stream that the application has kept, and that has met nothing yet. */
    @ParameterizedTest
    @MethodSource("owning")
    void aKeptStreamThrowsAfterTheRelease(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        var input = tls.ours.getInputStream();
        tls.ours.getOutputStream().write(REPLY.getBytes(US_ASCII));
        tls.ours.shutdownOutput();
        tls.peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        await("unread", () -> handle.snapshot().unread() && handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
        Claim claim = handle.claim(SocketSnapshot::unread);
        claim.read(ByteBuffer.allocateDirect(4096));
        claim.close();
        assertThrows(IOException.class, input::read);
        assertThrows(IOException.class, input::read);
    }

    @ParameterizedTest
    @MethodSource("owning")
    void closedWithoutADrainItIsReleasedAndEverybodyKnows(Layering layering, String protocol) throws Exception {
        halfClose(layering, protocol);
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(SocketSnapshot::unread);
        assertEquals("sun.security.ssl.SSLSocketImpl", claim.owner());
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertTrue(tls.ours.isClosed());
        assertTrue(tls.below.isClosed());
        claim.close();
        tls.ours.close();
    }

    @ParameterizedTest
    @MethodSource("owning")
    void drainedAndClosedThePeerHasTheWholeReplyAndItsEnd(Layering layering, String protocol) throws Exception {
        halfClose(layering, protocol);
        Claim claim = handle.claim(SocketSnapshot::unread);
        claim.read(ByteBuffer.allocateDirect(4096));
        claim.close();
        assertEquals(REPLY, new String(tls.peer.getInputStream().readAllBytes(), US_ASCII));
    }

    @ParameterizedTest
    @MethodSource("owning")
    void aPeerClosedOneIsReleasedAndWritesFail(Layering layering, String protocol) throws Exception {
        open(layering, protocol);
        ((Socket) tls.peer).setSoLinger(false, 0);
        tls.peer.close();
        await("the peer's end", () -> handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(any -> true);
        var output = tls.ours.getOutputStream();
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertTrue(tls.ours.isClosed());
        assertThrows(IOException.class, () -> output.write(1));
    }

    /** A thread of the application that hangs while it holds the locks of the SSLSocket keeps nobody waiting. */
    @ParameterizedTest
    @MethodSource("owning")
    void theCloseWaitsForNoLockOfTheSslSocket(Layering layering, String protocol) throws Exception {
        halfClose(layering, protocol);
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(SocketSnapshot::unread);
        for (String lock : new String[] {"socketLock", "handshakeLock"}) {
            var field = tls.ours.getClass().getDeclaredField(lock);
            field.setAccessible(true);
            var holder = new Thread(((java.util.concurrent.locks.ReentrantLock) field.get(tls.ours))::lock);
            holder.start();
            holder.join();
        }
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
    }

    @ParameterizedTest
    @MethodSource("owning")
    void whileTheCloseHangsWhatLiesBelowIsClosed(Layering layering, String protocol) throws Exception {
        halfClose(layering, protocol);
        String link = DESCRIPTORS.link(handle.descriptor());
        handle.claim(SocketSnapshot::unread).closeBelow();
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertThrows(IOException.class, () -> tls.ours.getInputStream().read());
    }
}
