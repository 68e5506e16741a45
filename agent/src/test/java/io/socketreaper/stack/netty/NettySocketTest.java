package io.socketreaper.stack.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.Descriptors;
import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.descriptor.TcpOptions;
import io.socketreaper.model.Clock;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.DiscardBuffer;
import io.socketreaper.stack.FullWindow;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.stack.TcpConnection;
import io.socketreaper.stack.netty.relocated.netty.channel.epoll.AbstractEpollStreamChannel;
import io.socketreaper.stack.netty.relocated.netty.handler.flow.FlowControlHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a Netty under another name whose event loop the test plays; the real ones are in agent-test-app. */
class NettySocketTest {
    private static final byte[] UNREAD = TcpConnection.UNREAD.getBytes(US_ASCII);

    private final DiscardBuffer buffer = new DiscardBuffer(Clock.SYSTEM);
    private final NettyStack stack = new NettyStack(new ProcDescriptors(Clock.SYSTEM));
    private TcpConnection connection;
    private AbstractEpollStreamChannel channel;
    private SocketHandle handle;

    @BeforeEach
    void halfClose() throws Exception {
        stack.discardInto(buffer);
        stack.whenUnknown(why -> {
            throw new AssertionError(why);
        });
        stack.resolve();
        stack.proven();
        buffer.prepare();
        connection = TcpConnection.halfClosed();
        channel = new AbstractEpollStreamChannel(connection.ours, connection.descriptor);
        handle = stack.handle(channel);
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
    }

    private SocketSnapshot look() {
        assertEquals(Holder.DYING, handle.snapshot().hold());
        channel.runTasks();
        return handle.snapshot();
    }

    @Test
    void onlyStreamChannelsOfANativeTransportAreItsBusiness() {
        assertNotNull(handle);
        assertNull(stack.handle(connection.ours));
        assertNull(stack.handle("netty.channel.epoll.AbstractEpollStreamChannel"));
    }

    @Test
    void looksOnTheEventLoopAndSeesWhatNettyAndTheKernelKnow() {
        assertEquals(
                new SocketSnapshot(
                        Holder.OPEN, TcpState.FIN_WAIT2, UNREAD.length, false, false, true, false, false, false),
                look());
        assertEquals(connection.descriptor, handle.descriptor());
        assertEquals(Descriptors.inode(connection.link), handle.inode());
    }

    @Test
    void aLoopThatDoesNotAnswerSaysNothingAndIsAskedOnce() {
        for (int i = 0; i < 30; i++) {
            assertEquals(Holder.DYING, handle.snapshot().hold());
        }
        assertEquals(1, channel.tasks.size());
        assertFalse(handle.isAsking());
        assertNull(handle.claim(snapshot -> true));
    }

    @Test
    void aChannelThatIsBoundAndNotConnectedIsInUse() throws Exception {
        for (boolean bound : List.of(false, true)) {
            try (var socket = SocketChannel.open()) {
                channel = new AbstractEpollStreamChannel(socket, connection.descriptor);
                handle = stack.handle(channel);
                if (bound) {
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                }
                assertEquals(bound ? QuickCheck.FINE : QuickCheck.SIGN, handle.quickCheck());
                assertEquals(bound ? SocketSnapshot.inUse() : SocketSnapshot.unused(), look());
                channel.registered = false;
                assertEquals(bound ? SocketSnapshot.inUse() : SocketSnapshot.unused(), handle.snapshot());
            }
        }
    }

    @Test
    void aFullReceiveWindowIsASign() throws Exception {
        try (var open = TcpConnection.open()) {
            channel = new AbstractEpollStreamChannel(open.ours, open.descriptor);
            handle = stack.handle(channel);
            assertEquals(QuickCheck.FINE, handle.fullCheck());
            FullWindow.fill(open.peer, handle);
            FullWindow.assertSeen(this::look, open.peer);
            channel.autoRead = true;
            assertTrue(look().readInterest());
        }
    }

    @Test
    void whoeverReadsOrWantsToIsSeen() {
        channel.autoRead = true;
        assertTrue(look().readInterest());
        channel.autoRead = false;
        channel.theUnsafe.readPending = true;
        assertTrue(look().readInterest());
        channel.theUnsafe.readPending = false;
        channel.spliceQueue = new ArrayDeque<>(List.of("a splice"));
        assertTrue(look().reading());
        channel.spliceQueue.clear();
        assertFalse(look().reading());
    }

    @Test
    void afterTheEndOfInputNettyReadsNoMoreWhateverItIsTold() {
        channel.autoRead = true;
        channel.inputClosedSeenErrorOnRead = true;
        assertFalse(look().readInterest());
    }

    /** As that of an agent that is detached: from then on the hook tells nothing of the channel. */
    @Test
    void aClaimThatIsWithdrawnClosesNothingWhenItsLoopComesToIt() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.close();
        assertFalse(claim.isCondemned());
        assertTrue(claim.withdraw());
        channel.runTasks();
        assertTrue(connection.ours.isOpen());
        assertTrue(claim.isRefused());

        Claim second = handle.claim(snapshot -> true);
        second.close();
        channel.runTasks();
        assertFalse(second.withdraw(), "it is closed");
    }

    @Test
    void emptiesAndClosesInOneTaskOfTheLoop() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        assertEquals(Claim.WITH_CLOSE, claim.read(ByteBuffer.allocateDirect(1)));
        claim.close();
        assertTrue(connection.ours.isOpen());
        assertNull(claim.emptied());

        channel.runTasks();
        assertFalse(connection.ours.isOpen());
        connection.awaitRelease();
        assertEquals(UNREAD.length, claim.emptied().bytes());
        assertArrayEquals(UNREAD, claim.emptied().first());
        assertFalse(claim.emptied().endOfInput());
        assertFalse(claim.isRefused());
        assertFalse(claim.isReset());
        assertArrayEquals(TcpConnection.REPLY.getBytes(US_ASCII), TcpConnection.readToEnd(connection.peer));
    }

    /** HTTP/2's handler waits for its streams, TLS's for its close_notify; the application could read on meanwhile. */
    @Test
    void aChannelThatWasEmptiedIsNotLeftOpenBecauseAHandlerDefersTheClose() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.read(ByteBuffer.allocateDirect(1));
        claim.close();
        channel.closesAreDeferred = true;
        channel.runTasks();
        assertFalse(connection.ours.isOpen());
        assertEquals(UNREAD.length, claim.emptied().bytes());
    }

    @Test
    void aHandlerMayDeferTheCloseOfAChannelFromWhichNothingWasTakenUntilTheNextAttempt() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.close();
        channel.closesAreDeferred = true;
        channel.runTasks();
        assertTrue(connection.ours.isOpen());

        claim.close();
        channel.runTasks();
        assertFalse(connection.ours.isOpen());
        assertEquals(1, channel.failures.size());
    }

    @Test
    void thePipelineIsToldOfAResetBeforeTheClose() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.close();
        channel.runTasks();
        assertEquals(
                List.of("java.net.SocketException: Connection reset"),
                channel.failures.stream().map(Throwable::toString).toList());
    }

    @Test
    void anEndThatTheApplicationHasHadAllBytesBeforeIsNoFailure() throws Exception {
        channel.handlers.add("an application's");
        channel.handlers.add(new FlowControlHandler());
        closeAfterTheEnd();
        assertEquals(List.of(), channel.failures);
    }

    /** It drops them at the close; and Netty's handler for TLS drops a failure that looks like a reset. */
    @Test
    void anEndBeforeWhichAFlowControlHandlerHoldsBytesIsAFailureThatTlsPassesOn() throws Exception {
        var holding = new FlowControlHandler();
        holding.hold("the last bytes");
        channel.handlers.add(holding);
        closeAfterTheEnd();
        assertEquals(1, channel.failures.size());
        String told = channel.failures.get(0).getMessage();
        assertFalse(told.matches("(?i).*(connection.*(reset|closed|abort|broken)|broken.*pipe).*"), told);
    }

    @Test
    void whatAFlowControlHandlerHoldsIsUnread() {
        var holding = new FlowControlHandler();
        channel.handlers.add(holding);
        assertEquals(0, look().held());
        holding.hold("the last message");
        assertEquals(1, look().held());
    }

    private void closeAfterTheEnd() throws Exception {
        connection.ours.read(ByteBuffer.allocate(UNREAD.length));
        connection.peer.shutdownOutput();
        while (!look().endOfInput()) {
            Thread.onSpinWait();
        }
        Claim claim = handle.claim(snapshot -> true);
        claim.read(ByteBuffer.allocateDirect(1));
        claim.close();
        channel.runTasks();
        assertFalse(connection.ours.isOpen());
    }

    @Test
    void anAnswerThatIsQueuedBeforeTheTaskRunsIsNotCut() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.close();
        channel.outboundBuffer.pendingBytes = 6;
        channel.runTasks();
        assertTrue(claim.isRefused());
        assertTrue(connection.ours.isOpen());
        assertTrue(look().writing());
    }

    /** The peer may still be waiting for the rest of an answer. */
    @Test
    void aPeerThatTheApplicationHasNotToldOfAnEndIsReset() throws Exception {
        try (var open = TcpConnection.open()) {
            channel = new AbstractEpollStreamChannel(open.ours, open.descriptor);
            handle = stack.handle(channel);
            look();
            Claim claim = handle.claim(snapshot -> true);
            claim.close();
            channel.runTasks();
            open.awaitRelease();
            assertThrows(IOException.class, () -> TcpConnection.readToEnd(open.peer));
            assertTrue(claim.isReset(), "so that the report says it");
        }
    }

    /** The close_notify of TLS is a normal end, by which its consumer takes half of an answer for the whole. */
    @Test
    void aHandlerThatWritesBeforeTheCloseDoesNotReachAPeerWhoseAnswerIsUnfinished() throws Exception {
        try (var open = TcpConnection.open()) {
            channel = new AbstractEpollStreamChannel(open.ours, open.descriptor);
            channel.lastWords = "close_notify";
            handle = stack.handle(channel);
            open.peer.shutdownOutput();
            while (!look().endOfInput()) {
                Thread.onSpinWait();
            }
            Claim claim = handle.claim(snapshot -> true);
            claim.read(ByteBuffer.allocateDirect(1));
            claim.close();
            channel.runTasks();
            open.awaitRelease();
            assertThrows(IOException.class, () -> open.peer.read(ByteBuffer.allocate(99)), "not one byte");
            assertTrue(claim.isReset());
        }
    }

    /** The connection is over, so a handler that waits for something waits in vain. */
    @Test
    void aHandlerMayNotDeferTheCloseOfAConnectionThatIsReset() throws Exception {
        try (var open = TcpConnection.open()) {
            channel = new AbstractEpollStreamChannel(open.ours, open.descriptor);
            channel.closesAreDeferred = true;
            handle = stack.handle(channel);
            look();
            Claim claim = handle.claim(snapshot -> true);
            claim.close();
            channel.runTasks();
            open.awaitRelease();
        }
    }

    @Test
    void closesWithoutReadingIfItIsNotToBeEmptied() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.close();
        channel.runTasks();
        connection.awaitRelease();
        assertNull(claim.emptied());
    }

    @Test
    void anApplicationThatReadsOnBeforeTheTaskRunsKeepsItsChannelAndEveryByte() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> !snapshot.readInterest());
        claim.read(ByteBuffer.allocateDirect(1));
        claim.close();
        channel.theUnsafe.readPending = true;
        channel.runTasks();
        assertTrue(claim.isRefused());
        assertTrue(connection.ours.isOpen());

        channel.theUnsafe.readPending = false;
        claim.close();
        channel.runTasks();
        assertTrue(connection.ours.isOpen());
        assertEquals(UNREAD.length, look().unreadBytes());
    }

    @Test
    void aChannelThatWasClosedMeanwhileIsNotTouched() throws Exception {
        look();
        Claim claim = handle.claim(snapshot -> true);
        claim.read(ByteBuffer.allocateDirect(1));
        claim.close();
        connection.ours.close();
        channel.runTasks();
        assertNull(claim.emptied());
        assertTrue(handle.snapshot().isGone());
    }

    @Test
    void itsOptionsAreGotAtOnTheEventLoopAndNotAfterAClose() throws Exception {
        look();
        var done = new ArrayDeque<String>();
        TcpOptions.Step step = new TcpOptions.Step() {
            @Override
            public void with(TcpOptions options) throws IOException {
                done.add("state " + (options.info() & 0xff));
            }

            @Override
            public void notDone() {
                done.add("not done");
            }
        };
        assertEquals(TcpOptions.Done.LATER, handle.options(step));
        assertTrue(done.isEmpty());
        channel.runTasks();
        assertEquals("state 5", done.poll());

        assertEquals(TcpOptions.Done.LATER, handle.options(step));
        channel.close();
        channel.runTasks();
        assertEquals("not done", done.poll());
        assertEquals(TcpOptions.Done.NO, handle.options(step));
    }
}
