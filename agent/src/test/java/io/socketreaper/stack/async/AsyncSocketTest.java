package io.socketreaper.stack.async;

import static io.socketreaper.stack.TcpConnection.REPLY;
import static io.socketreaper.stack.TcpConnection.UNREAD;
import static io.socketreaper.stack.TcpConnection.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Snapshots;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.FullWindow;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The founding story on {@code AsynchronousSocketChannel}: replied, half-closed, six bytes unread, no read pending. */
@Timeout(60)
public class AsyncSocketTest {
    private static final ProcDescriptors DESCRIPTORS = new ProcDescriptors(Clock.SYSTEM);
    private static final AsyncStack STACK = resolved();
    private static final int PATIENCE_SECONDS = 10;

    private final AsynchronousServerSocketChannel server = listen();
    private AsynchronousSocketChannel ours;
    private Socket peer;
    private SocketHandle handle;

    AsyncSocketTest() throws IOException {}

    public static AsyncStack resolved() {
        var stack = new AsyncStack(new ProcDescriptors(Clock.SYSTEM), null);
        try {
            stack.resolve();
            stack.proven();
            return stack;
        } catch (ReflectiveOperationException unknownJdk) {
            throw new ExceptionInInitializerError(unknownJdk);
        }
    }

    private static AsynchronousServerSocketChannel listen() throws IOException {
        return AsynchronousServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @BeforeEach
    void connect() throws Exception {
        Future<AsynchronousSocketChannel> accepted = server.accept();
        var address = (InetSocketAddress) server.getLocalAddress();
        peer = new Socket(address.getAddress(), address.getPort());
        ours = accepted.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        handle = STACK.handle(ours);
    }

    private void halfClose() throws Exception {
        write(REPLY);
        peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        ours.shutdownOutput();
        await(
                "six bytes unread, FIN acknowledged",
                () -> handle.snapshot().unreadBytes() == UNREAD.length()
                        && handle.snapshot().tcpState() == TcpState.FIN_WAIT2);
    }

    private void write(String text) throws Exception {
        ByteBuffer bytes = US_ASCII.encode(text);
        while (bytes.hasRemaining()) {
            ours.write(bytes).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void close() throws IOException {
        ours.close();
        peer.close();
        server.close();
    }

    /** What a completion handler of the application is told. */
    private static final class Completions implements CompletionHandler<Integer, Object> {
        final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

        @Override
        public void completed(Integer result, Object attachment) {
            told.add(result);
        }

        @Override
        public void failed(Throwable failure, Object attachment) {
            told.add(failure);
        }

        Object next() throws InterruptedException {
            return told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    // -- Snapshots: the table of FACTS, section 2

    @Test
    void anOpenConnectionIsFine() {
        assertEquals(QuickCheck.FINE, handle.quickCheck());
        assertEquals(
                new SocketSnapshot(Holder.OPEN, TcpState.ESTABLISHED, 0, false, false, false, false, false, false),
                handle.snapshot());
    }

    @Test
    void aPeerThatIsStillOpenIsSeen() throws Exception {
        halfClose();
        assertEquals(QuickCheck.SIGN, handle.quickCheck());
        assertEquals(
                Snapshots.halfClosed(TcpState.FIN_WAIT2, UNREAD.length(), false, false, false, false),
                handle.snapshot());
        assertEquals(peer.getRemoteSocketAddress(), handle.endpoints().local());
        assertEquals(peer.getLocalSocketAddress(), handle.endpoints().remote());
        assertTrue(DESCRIPTORS.link(handle.descriptor()).startsWith("socket:"));
        assertTrue(handle.is(ours));
        assertFalse(handle.is(peer));
    }

    @Test
    void thePeersEndIsSeen() throws Exception {
        halfClose();
        peer.close();
        await("both FINs", () -> handle.snapshot().tcpState() == TcpState.CLOSE);
        assertEquals(
                Snapshots.halfClosed(TcpState.CLOSE, UNREAD.length(), true, false, false, false), handle.snapshot());
    }

    @Test
    void aResetIsSeen() throws Exception {
        halfClose();
        peer.setSoLinger(true, 0);
        peer.close();
        await("reset", () -> handle.snapshot().reset());
        assertEquals(TcpState.CLOSE, handle.snapshot().tcpState());
        assertTrue(handle.snapshot().endOfInput());
    }

    @Test
    void aReplyInFlightIsSeen() throws Exception {
        handle.snapshot();
        int written = 0;
        for (int count = 1; count > 0; written += count) {
            Future<Integer> write = ours.write(ByteBuffer.allocate(1 << 20));
            if (!write.isDone()) {
                assertTrue(handle.snapshot().writing(), "a pending write");
                assertNull(handle.claim(any -> true));
                break;
            }
            count = write.get();
        }
        ours.shutdownOutput();
        await("FIN queued behind the reply", () -> handle.snapshot().tcpState() == TcpState.FIN_WAIT1);
    }

    @Test
    void afterShutdownInputOnlyTheStateTellsOfThePeersEnd() throws Exception {
        halfClose();
        ours.shutdownInput();
        assertFalse(handle.snapshot().endOfInput());
    }

    @Test
    void aPeerThatClosedWhileNobodyReadsIsASign() throws Exception {
        assertEquals(QuickCheck.FINE, handle.quickCheck());
        peer.close();
        await("CLOSE_WAIT", () -> handle.quickCheck() == QuickCheck.SIGN);
        assertEquals(TcpState.CLOSE_WAIT, handle.snapshot().tcpState());
        assertFalse(handle.snapshot().outputShut());
    }

    @Test
    void aFullReceiveWindowIsASign() throws Exception {
        try (var client = SocketChannel.open(server.getLocalAddress())) {
            // The first connection of the queue is that of connect().
            AsynchronousSocketChannel accepted = server.accept().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            SocketHandle full = STACK.handle(accepted);
            assertEquals(QuickCheck.FINE, full.fullCheck());
            FullWindow.fill(client, full);
            assertTrue(full.snapshot().isWindowFull());
            FullWindow.assertResetByClaim(full, client);
            accepted.close();
        }
        try (var client = SocketChannel.open(server.getLocalAddress())) {
            AsynchronousSocketChannel accepted = server.accept().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            FullWindow.fill(client, STACK.handle(accepted));
            FullWindow.assertSeen(STACK.handle(accepted)::snapshot, client);
            accepted.close();
        }
    }

    @Test
    void anUnconnectedOneIsSeenAsUnusedAndABoundOneIsNot() throws Exception {
        try (var unused = AsynchronousSocketChannel.open()) {
            SocketHandle fresh = STACK.handle(unused);
            assertEquals(QuickCheck.SIGN, fresh.quickCheck());
            assertEquals(SocketSnapshot.unused(), fresh.snapshot());
            assertTrue(fresh.inode() > 0);
            assertNull(fresh.claim(any -> true));
            unused.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            assertEquals(QuickCheck.FINE, fresh.quickCheck());
            assertEquals(SocketSnapshot.inUse(), fresh.snapshot());
        }
    }

    @Test
    void aPendingConnectIsInUse() throws Exception {
        try (var pending = AsynchronousSocketChannel.open()) {
            SocketHandle fresh = STACK.handle(pending);
            // TEST-NET-1: nobody answers, or there is no route, and then there is nothing to see
            Future<Void> connect = pending.connect(new InetSocketAddress("192.0.2.1", 9));
            if (!connect.isDone()) {
                assertEquals(SocketSnapshot.inUse(), fresh.snapshot());
                assertNull(fresh.claim(any -> true));
            }
        }
    }

    @Test
    void theApplicationClosingItIsGone() throws Exception {
        halfClose();
        ours.close();
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
        assertEquals(QuickCheck.GONE, handle.quickCheck());
        assertNull(handle.claim(any -> true));
    }

    @Test
    void oneThatIsBeingClosedIsNotWaitedFor() throws Exception {
        halfClose();
        AsynchronousSocketChannel channel = ours;
        var closing = (ReentrantReadWriteLock) STACK.closeLock(channel);
        var closer = new Thread(() -> closing.writeLock().lock());
        closer.start();
        closer.join();
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
        assertNull(handle.claim(any -> true));
        ours = AsynchronousSocketChannel.open();
    }

    // -- Claims

    @Test
    void aPendingReadIsSeenAndCannotBeClaimedFrom() throws Exception {
        var told = new Completions();
        ours.shutdownOutput();
        ours.read(ByteBuffer.allocate(64), null, told);
        assertTrue(handle.snapshot().reading());
        assertNull(handle.claim(any -> true));
        peer.getOutputStream().write(UNREAD.getBytes(US_ASCII));
        assertEquals(UNREAD.length(), told.next(), "and it reads what it was waiting for");
        await("no longer reading", () -> !handle.snapshot().reading());
        assertNotNull(handle.claim(any -> true));
    }

    @Test
    void aLeakThatIsNoneUnderTheLockIsNotClaimed() throws Exception {
        halfClose();
        assertNull(handle.claim(snapshot -> false));
        assertEquals(UNREAD.length(), ours.read(ByteBuffer.allocate(64)).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClaimedChannelReadsNothingMoreBeforeAndAfterTheDrain(boolean closedByPeer) throws Exception {
        halfClose();
        Claim claim = handle.claim(SocketSnapshot::unread);
        everyReadFails();
        var buffer = ByteBuffer.allocateDirect(64);
        assertEquals(UNREAD.length(), claim.read(buffer));
        assertEquals(Claim.NOTHING_NOW, claim.read(buffer.clear()));
        everyReadFails();
        if (closedByPeer) {
            peer.close();
        } else {
            peer.shutdownOutput();
        }
        await("end of input", () -> claim.read(buffer.clear()) == Claim.END_OF_INPUT);
        everyReadFails();
    }

    /** Each at once: none hangs, and none reports a normal end. */
    private void everyReadFails() {
        var told = new Completions();
        assertThrows(IllegalStateException.class, () -> ours.read(ByteBuffer.allocate(8)));
        assertThrows(IllegalStateException.class, () -> ours.read(ByteBuffer.allocate(0)));
        assertThrows(IllegalStateException.class, () -> ours.read(ByteBuffer.allocate(8), null, told));
        assertThrows(
                IllegalStateException.class, () -> ours.read(ByteBuffer.allocate(8), 1, TimeUnit.SECONDS, null, told));
        assertThrows(
                IllegalStateException.class,
                () -> ours.read(
                        new ByteBuffer[] {ByteBuffer.allocate(8)},
                        0,
                        1,
                        1,
                        TimeUnit.SECONDS,
                        null,
                        new CompletionHandler<Long, Object>() {
                            @Override
                            public void completed(Long result, Object attachment) {
                                told.told.add(result);
                            }

                            @Override
                            public void failed(Throwable failure, Object attachment) {
                                told.told.add(failure);
                            }
                        }));
        assertTrue(told.told.isEmpty(), told.told::toString);
    }

    /** Of a channel whose input the application itself has shut, -1 would be true. It fails all the same. */
    @Test
    void evenAfterShutdownInputAClaimedChannelFails() throws Exception {
        halfClose();
        ours.shutdownInput();
        assertNotNull(handle.claim(any -> true));
        everyReadFails();
    }

    @Test
    void drainedAndClosedThePeerEndsCleanlyAndTheGroupGoesOn() throws Exception {
        halfClose();
        String link = DESCRIPTORS.link(handle.descriptor());
        Claim claim = handle.claim(SocketSnapshot::unread);
        assertEquals(UNREAD.length(), claim.read(ByteBuffer.allocateDirect(64)));
        claim.close();

        assertFalse(ours.isOpen());
        assertNotEquals(link, DESCRIPTORS.link(handle.descriptor()));
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
        assertEquals(Claim.CLOSED_MEANWHILE, claim.read(ByteBuffer.allocateDirect(64)));
        claim.close();
        var failure = assertThrows(
                ExecutionException.class,
                () -> ours.read(ByteBuffer.allocate(8)).get());
        assertInstanceOf(ClosedChannelException.class, failure.getCause());
        assertEquals(REPLY, new String(peer.getInputStream().readAllBytes(), US_ASCII));
        connect();
        peer.getOutputStream().write(1);
        assertEquals(1, ours.read(ByteBuffer.allocate(8)).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    /** A write that the application begins on a condemned, peer-closed channel ends with the channel. */
    @Test
    void aWriteBegunAfterTheClaimFailsAndThePeerSeesAResetAfterAllThatWasWrittenBefore() throws Exception {
        write(REPLY);
        peer.shutdownOutput();
        await("CLOSE_WAIT", () -> handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);
        await("the reply arrived", () -> peer.getInputStream().available() == REPLY.length());
        Claim claim = handle.claim(any -> true);
        assertTrue(claim.isReset());
        var told = new Completions();
        ours.write(ByteBuffer.allocate(1 << 20), null, told);
        assertInstanceOf(IOException.class, told.next());
        // The peer's side has ended in order, and all of it was read.
        ours.read(ByteBuffer.allocate(8), null, told);
        assertEquals(-1, told.next());

        assertEquals(REPLY, new String(peer.getInputStream().readNBytes(REPLY.length()), US_ASCII));
        assertThrows(IOException.class, () -> peer.getInputStream().read());
        claim.close();
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
    }

    @Test
    void theApplicationClosingAClaimedOneIsSeen() throws Exception {
        halfClose();
        Claim claim = handle.claim(SocketSnapshot::unread);
        ours.close();
        assertEquals(Claim.CLOSED_MEANWHILE, claim.read(ByteBuffer.allocateDirect(64)));
    }

    @Test
    void afterATimedOutReadNobodyCanReadAndItIsClaimed() throws Exception {
        ours.shutdownOutput();
        var told = new Completions();
        ours.read(ByteBuffer.allocate(8), 50, TimeUnit.MILLISECONDS, null, told);
        assertInstanceOf(java.nio.channels.InterruptedByTimeoutException.class, told.next());
        assertFalse(handle.snapshot().reading());
        assertNotNull(handle.claim(any -> true));
    }

    // -- Dropped ones

    /** The group holds its channels: dropped by the application alone, one is never found. */
    @Test
    void aDroppedOneIsHeldByItsGroup() throws Exception {
        halfClose();
        ours = AsynchronousSocketChannel.open();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertEquals(Holder.OPEN, handle.snapshot().hold());
        handle.claim(any -> true).close();
        assertEquals(SocketSnapshot.gone(), handle.snapshot());
    }

    @Test
    void oneThatIsCollectedTogetherWithItsGroupIsClosedOnce() throws Exception {
        // A group whose only thread ends at once is held by nobody but its channels.
        var group = AsynchronousChannelGroup.withFixedThreadPool(1, task -> new Thread(() -> {}));
        var dropped = AsynchronousSocketChannel.open(group);
        SocketHandle lost = STACK.handle(dropped);
        assertEquals(QuickCheck.SIGN, lost.quickCheck());
        String link = DESCRIPTORS.link(lost.descriptor());
        group = null;
        dropped = null;
        await("collected", () -> {
            System.gc();
            return lost.snapshot().hold() == Holder.UNREACHABLE;
        });
        assertEquals(link, DESCRIPTORS.link(lost.descriptor()));
        Claim claim = lost.claim(any -> true);
        claim.close();
        assertNotEquals(link, DESCRIPTORS.link(lost.descriptor()));
        claim.close();
        assertEquals(SocketSnapshot.gone(), lost.snapshot());
    }

    @Test
    void otherChannelsAreNotOfThisStack() throws Exception {
        assertNull(STACK.handle(server));
        assertNull(STACK.handle(peer));
    }

    @Test
    void resettingPeersDoNotConfuseADrain() throws Exception {
        halfClose();
        Claim claim = handle.claim(SocketSnapshot::unread);
        peer.setSoLinger(true, 0);
        peer.close();
        var buffer = ByteBuffer.allocateDirect(64);
        await("the reset", () -> {
            try {
                return claim.read(buffer.clear()) == Claim.END_OF_INPUT;
            } catch (IOException reset) {
                return true;
            }
        });
    }
}
