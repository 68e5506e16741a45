package io.socketreaper.stack.classic;

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

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Snapshots;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.FullWindow;
import io.socketreaper.stack.SocketHandle;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The founding story on {@code java.net.Socket}: replied, half-closed, six bytes unread, nobody reading. */
@Timeout(60)
class ClassicSocketTest {
    private static final ProcDescriptors DESCRIPTORS = new ProcDescriptors(Clock.SYSTEM);
    private static final ClassicSocketStack STACK = resolved();
    /** Of the JDK's own state: a reader that never comes back keeps the descriptor of a closed socket. */
    private static final int CONNECTED = 3;

    private static final int CLOSING = 4;

    private Socket ours;
    private Socket peer;
    private SocketHandle handle;

    private static ClassicSocketStack resolved() {
        var stack = new ClassicSocketStack(DESCRIPTORS);
        try {
            stack.resolve();
            stack.proven();
            return stack;
        } catch (ReflectiveOperationException unknownJdk) {
            throw new ExceptionInInitializerError(unknownJdk);
        }
    }

    @BeforeEach
    void halfClose() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            peer = new Socket(server.getInetAddress(), server.getLocalPort());
            ours = server.accept();
        }
        ours.getOutputStream().write(REPLY.getBytes(US_ASCII));
        ours.shutdownOutput();
        peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        handle = STACK.handle(STACK.implementationOf(ours));
        handle.heldThrough(ours);
        await(
                "six bytes unread, FIN acknowledged",
                () -> handle.snapshot().unreadBytes() == UNREAD.length()
                        && handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
    }

    @AfterEach
    void close() throws IOException {
        ours.close();
        peer.close();
    }

    @Test
    void isSeenAsItIs() {
        assertEquals(
                Snapshots.halfClosed(TcpState.FIN_WAIT2, UNREAD.length(), false, false, false, false),
                handle.snapshot());
        assertEquals(ours.getLocalSocketAddress(), handle.endpoints().local());
        assertEquals(ours.getRemoteSocketAddress(), handle.endpoints().remote());
        assertTrue(DESCRIPTORS.link(handle.descriptor()).startsWith("socket:"));
        assertTrue(handle.is(STACK.implementationOf(ours)));
        assertFalse(handle.is(ours));
    }

    @Test
    void theNumberOfItsDescriptorIsToldAfterTheCloseToo() throws IOException {
        Object implementation = STACK.implementationOf(ours);
        assertEquals(handle.descriptor(), STACK.number(implementation));
        assertEquals(-1, STACK.number(ours), "it is the implementation that is known by it");
        ours.close();
        assertEquals(handle.descriptor(), STACK.number(implementation));
    }

    @Test
    void theNumberIsToldOnceTheStackIsProvenAndThenForEver() throws ReflectiveOperationException {
        var other = new ClassicSocketStack(DESCRIPTORS);
        Object implementation = STACK.implementationOf(ours);
        assertEquals(-1, other.number(implementation));
        other.resolve();
        assertEquals(-1, other.number(implementation));
        other.proven();
        other.stopListening();
        assertEquals(handle.descriptor(), other.number(implementation));
    }

    @Test
    void theAddressesOfOneThatIsWellAreNotKeptUntilSomebodyNeedsThem() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = new Socket(server.getInetAddress(), server.getLocalPort());
                var accepted = server.accept()) {
            SocketHandle well = STACK.handle(STACK.implementationOf(client));
            assertEquals(SocketHandle.QuickCheck.FINE, well.quickCheck());
            assertNotEquals(0, well.inode());
            assertEquals(new Endpoints(null, null), well.endpoints());

            well.rememberEndpoints();
            assertEquals(client.getLocalSocketAddress(), well.endpoints().local());
            assertEquals(client.getRemoteSocketAddress(), well.endpoints().remote());

            SocketHandle lost = STACK.handle(STACK.implementationOf(client));
            lost.quickCheck();
            accepted.close();
            await("the peer's end", () -> lost.quickCheck() == SocketHandle.QuickCheck.SIGN);
            lost.snapshot();
            assertEquals(client.getRemoteSocketAddress(), lost.endpoints().remote());
        }
    }

    @Test
    void aFullReceiveWindowIsASign() throws Exception {
        try (var server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
                var first = SocketChannel.open(server.getLocalSocketAddress());
                var full = server.accept();
                var second = SocketChannel.open(server.getLocalSocketAddress());
                var claimed = server.accept()) {
            SocketHandle fullOnes = STACK.handle(STACK.implementationOf(full));
            assertEquals(SocketHandle.QuickCheck.FINE, fullOnes.fullCheck());
            FullWindow.fill(first, fullOnes);
            FullWindow.assertSeen(fullOnes::snapshot, first);

            SocketHandle claimedOnes = STACK.handle(STACK.implementationOf(claimed));
            FullWindow.fill(second, claimedOnes);
            FullWindow.assertResetByClaim(claimedOnes, second);
        }
    }

    @Test
    void theAddressesOfOneThatIsClosedAndKeepsItsDescriptorAreTold() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = new Socket(server.getInetAddress(), server.getLocalPort());
                var accepted = server.accept()) {
            SocketHandle stuck = STACK.handle(STACK.implementationOf(client));
            stuck.quickCheck();
            var ends = new Endpoints(client.getLocalSocketAddress(), client.getRemoteSocketAddress());
            Object implementation = STACK.implementationOf(client);
            VarHandle state = MethodHandles.privateLookupIn(implementation.getClass(), MethodHandles.lookup())
                    .findVarHandle(implementation.getClass(), "state", int.class);
            state.set(implementation, CLOSING);
            SocketSnapshot seen = stuck.snapshot();
            state.set(implementation, CONNECTED);

            assertEquals(SocketSnapshot.closed(), seen);
            assertEquals(ends, stuck.endpoints());
        }
    }

    @Test
    void aConnectedSocketBehindItsSocksDelegateIsFoundToo() throws IOException {
        SocketHandle client = STACK.handle(STACK.implementationOf(peer));
        assertNotNull(client);
        assertEquals(TcpState.CLOSE_WAIT, client.snapshot().tcpState());
    }

    @Test
    void theApplicationClosingItIsGone() throws IOException {
        ours.close();
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
        assertNull(handle.claim(any -> true));
    }

    @Test
    void aBlockedReaderIsSeenAndCannotBeClaimedFrom() throws Exception {
        ours.getInputStream().readNBytes(UNREAD.length());
        var reader = new Thread(() -> {
            try {
                ours.getInputStream().read();
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
    @ValueSource(booleans = {false, true})
    void aClaimedSocketReadsNothingMoreBeforeAndAfterTheDrain(boolean timed) throws Exception {
        ours.setSoTimeout(timed ? 1000 : 0);
        Claim claim = handle.claim(SocketSnapshot::unread);
        assertThrows(SocketException.class, () -> ours.getInputStream().read());
        var buffer = ByteBuffer.allocateDirect(64);
        assertEquals(UNREAD.length(), claim.read(buffer));
        assertEquals(Claim.NOTHING_NOW, claim.read(buffer), "a blocking socket does not block the agent");
        assertThrows(SocketException.class, () -> ours.getInputStream().read());
        peer.shutdownOutput();
        await("end of input", () -> claim.read(buffer.clear()) == Claim.END_OF_INPUT);
        assertThrows(SocketException.class, () -> ours.getInputStream().read());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 60})
    void drainedAndClosedItTellsTheApplicationAndThePeerEndsCleanly(int linger) throws Exception {
        ours.setSoLinger(linger >= 0, Math.max(0, linger));
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(SocketSnapshot::unread);
        assertEquals(UNREAD.length(), claim.read(ByteBuffer.allocateDirect(64)));
        claim.close();

        assertTrue(ours.isClosed(), "what the application holds knows that it is closed");
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertEquals(REPLY, new String(peer.getInputStream().readAllBytes(), US_ASCII));
        claim.close();
    }

    /** Such a socket belongs to a pool, and its class gives it back. */
    @Test
    void anOverriddenCloseIsNotCalled() throws Exception {
        var returned = new AtomicInteger();
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var pooled = new Socket() {
                    @Override
                    public synchronized void close() throws IOException {
                        returned.incrementAndGet();
                    }
                }) {
            pooled.connect(server.getLocalSocketAddress());
            pooled.shutdownOutput();
            server.accept().close();
            SocketHandle lent = STACK.handle(STACK.implementationOf(pooled));
            lent.heldThrough(pooled);
            await("closed by its peer", () -> lent.snapshot().tcpState() == TcpState.CLOSE);

            lent.claim(any -> true).close();

            assertEquals(0, returned.get());
            assertTrue(pooled.isClosed());
        }
    }

    @Test
    void oneWhoseSocketIsNotKnownIsClosedAllTheSame() throws Exception {
        SocketHandle nameless = STACK.handle(STACK.implementationOf(ours));
        nameless.snapshot();
        String link = DESCRIPTORS.link(nameless.descriptor());
        Claim claim = nameless.claim(SocketSnapshot::unread);
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(nameless.descriptor()));
        assertThrows(SocketException.class, () -> ours.getInputStream().read());
    }

    @Test
    void aDroppedOneIsLeftToTheCleanerOfTheJdk() throws Exception {
        int descriptor = handle.descriptor();
        String link = DESCRIPTORS.link(descriptor);
        ours = new Socket();
        await("reclaimed by the JDK", () -> {
            System.gc();
            return !link.equals(DESCRIPTORS.link(descriptor));
        });
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
        assertNull(handle.claim(any -> true));
    }
}
