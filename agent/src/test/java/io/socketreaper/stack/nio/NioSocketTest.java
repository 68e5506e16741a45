package io.socketreaper.stack.nio;

import static io.socketreaper.stack.TcpConnection.REPLY;
import static io.socketreaper.stack.TcpConnection.UNREAD;
import static io.socketreaper.stack.TcpConnection.await;
import static io.socketreaper.stack.TcpConnection.halfClosed;
import static io.socketreaper.stack.TcpConnection.handleOf;
import static io.socketreaper.stack.TcpConnection.open;
import static io.socketreaper.stack.TcpConnection.readToEnd;
import static io.socketreaper.stack.TcpConnection.write;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.Endpoints;
import io.socketreaper.model.Evidence;
import io.socketreaper.model.Judge;
import io.socketreaper.model.LeakKind;
import io.socketreaper.model.Snapshots;
import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.model.SocketSnapshot.Holder;
import io.socketreaper.model.TcpState;
import io.socketreaper.owner.relocated.apache.hc.core5.reactor.InternalDataChannel;
import io.socketreaper.selector.Selections;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.FullWindow;
import io.socketreaper.stack.RawDescriptor;
import io.socketreaper.stack.Reading;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.stack.TcpConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every line of the kernel's behaviour that the agent rests on, with a real socket and a real peer on loopback. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NioSocketTest {
    private static final ProcDescriptors DESCRIPTORS = new ProcDescriptors(Clock.SYSTEM);

    /** More than the send buffer of one end and the receive buffer of the other together. */
    private static final int MORE_THAN_FITS = 16 * 1024 * 1024;
    /** A close that lingers takes this long; one that does not, a small part of it. */
    private static final int LINGER_SECONDS = 20;

    @Test
    void theNumberOfItsDescriptorIsToldAfterTheCloseToo() throws Exception {
        try (var connection = halfClosed()) {
            var stack = new NioStack(DESCRIPTORS, new Selections(Clock.SYSTEM, null));
            assertEquals(-1, stack.number(connection.ours));
            stack.resolve();
            stack.proven();
            connection.handle.snapshot();
            assertEquals(connection.handle.descriptor(), stack.number(connection.ours));
            connection.ours.close();
            assertEquals(connection.handle.descriptor(), stack.number(connection.ours));
        }
    }

    @Nested
    class Sight {
        @Test
        void seesUnreadBytesWhileThePeerIsStillOpen() throws Exception {
            try (var connection = halfClosed()) {
                assertEquals(
                        Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, false, false),
                        connection.handle.snapshot());
            }
        }

        @Test
        void seesNothingUnreadWhenThePeerIsSilent() throws Exception {
            try (var connection = open()) {
                connection.ours.shutdownOutput();

                awaitState(connection.handle, TcpState.FIN_WAIT2);
                assertFalse(connection.handle.snapshot().unread());
            }
        }

        @Test
        void seesUnreadBytesAndTheEndAfterBothFins() throws Exception {
            try (var connection = halfClosed()) {
                connection.peer.shutdownOutput();

                awaitState(connection.handle, TcpState.CLOSE);
                assertEquals(
                        Snapshots.halfClosed(TcpState.CLOSE, 6, true, false, false, false),
                        connection.handle.snapshot());
            }
        }

        @Test
        void seesAnEndThatNobodyTook() throws Exception {
            try (var connection = open()) {
                connection.ours.shutdownOutput();
                connection.peer.shutdownOutput();

                awaitState(connection.handle, TcpState.CLOSE);
                assertEquals(
                        Snapshots.halfClosed(TcpState.CLOSE, 0, true, false, false, false),
                        connection.handle.snapshot());
                assertTrue(connection.handle.snapshot().unread());
            }
        }

        @Test
        void seesAReset() throws Exception {
            try (var connection = halfClosed()) {
                connection.resetByPeer();

                awaitState(connection.handle, TcpState.CLOSE);
                assertEquals(
                        Snapshots.halfClosed(TcpState.CLOSE, 6, true, true, false, false),
                        connection.handle.snapshot());
            }
        }

        @Test
        void seesThatTheReplyIsStillInFlight() throws Exception {
            try (var connection = replyInFlight()) {
                assertEquals(
                        Snapshots.halfClosed(TcpState.FIN_WAIT1, 6, false, false, false, false),
                        connection.handle.snapshot());
            }
        }

        /** What is behind the urgent byte FIONREAD does not count. */
        @Test
        void seesThatInputIsUnreadBehindUrgentData() throws Exception {
            try (var connection = open()) {
                connection.peer.socket().sendUrgentData(1);
                connection.peer.write(ByteBuffer.wrap(new byte[500]));
                connection.peer.close();
                await("the end", () -> connection.handle.snapshot().endOfInput());

                assertEquals(1, connection.handle.snapshot().unreadBytes());
                assertTrue(connection.handle.leavesInput(connection.ours));
                assertEquals(500, connection.ours.read(ByteBuffer.allocate(1000)));
                assertEquals(0, connection.handle.snapshot().unreadBytes());
            }
        }

        @Test
        void seesAPeerThatIsStuckInSending() throws Exception {
            try (var connection = open()) {
                connection.ours.shutdownOutput();
                fill(connection.peer);

                SocketSnapshot snapshot = connection.handle.snapshot();
                assertEquals(TcpState.FIN_WAIT2, snapshot.tcpState());
                assertTrue(snapshot.unreadBytes() > 50_000, snapshot::toString);
                assertFalse(snapshot.endOfInput());
            }
        }

        @Test
        void doesNotTakeTheApplicationsOwnShutdownOfTheInputForThePeersEnd() throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.shutdownInput();

                assertEquals(
                        Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, false, false),
                        connection.handle.snapshot());
            }
        }

        @Test
        void seesTheResetThatAPeerGotWhoSentIntoAShutInput() throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.shutdownInput();
                write(connection.peer, "x");

                awaitState(connection.handle, TcpState.CLOSE);
                assertEquals(
                        Snapshots.halfClosed(TcpState.CLOSE, 6, true, true, false, false),
                        connection.handle.snapshot());
            }
        }

        @ParameterizedTest
        @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NON_BLOCKING")
        void seesAReader(Reading reading) throws Exception {
            assumeTrue(reading.isKnownHere());
            try (var connection = open()) {
                connection.ours.shutdownOutput();
                var reader = inBackground(() -> readSomething(reading, connection.ours));

                await("reader seen", () -> connection.handle.snapshot().reading());
                write(connection.peer, UNREAD);
                assertArrayEquals(UNREAD.getBytes(US_ASCII), reader.get());
                assertFalse(connection.handle.snapshot().reading());
            }
        }

        @Test
        void seesReadInterestForAsLongAsAKeyHasIt() throws Exception {
            try (var connection = halfClosed();
                    var selector = Selector.open();
                    var another = Selector.open()) {
                connection.ours.configureBlocking(false);
                connection.ours.register(another, 0);
                SelectionKey key = connection.ours.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                assertTrue(connection.handle.snapshot().readInterest());

                key.interestOps(SelectionKey.OP_WRITE);
                assertFalse(connection.handle.snapshot().readInterest());

                key.interestOps(SelectionKey.OP_READ);
                assertTrue(connection.handle.snapshot().readInterest());

                key.cancel();
                assertFalse(connection.handle.snapshot().readInterest());
            }
        }

        @Test
        void interestOfAKeyCountsNoMoreOnceTheThreadThatSelectedHasEndedUntilAnotherSelects() throws Exception {
            var selections = new Selections(Clock.SYSTEM, () -> {});
            var stack = new NioStack(DESCRIPTORS, selections);
            stack.resolve();
            stack.proven();
            try (var connection = open();
                    var selector = Selector.open();
                    var another = Selector.open()) {
                SocketHandle handle = stack.handle(connection.ours);
                connection.ours.configureBlocking(false);
                SelectionKey key = connection.ours.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                assertTrue(handle.snapshot().readInterest(), "nobody knows who selects");

                var loop = new Thread(() -> selections.selecting(selector), "event-loop-that-dies");
                assertEquals("", handle.holder());
                loop.start();
                loop.join();
                assertFalse(handle.snapshot().readInterest());
                assertFalse(handle.snapshot().writing());
                assertEquals(selectorOf("event-loop-that-dies", selector), handle.holder());

                connection.ours.register(another, SelectionKey.OP_READ);
                assertTrue(handle.snapshot().readInterest(), "of another selector");
                connection.ours.keyFor(another).cancel();

                selections.selecting(selector);
                assertTrue(handle.snapshot().readInterest(), "another thread has taken the selector over");
                assertTrue(handle.snapshot().writing());
                key.interestOps(0);
                assertFalse(handle.snapshot().readInterest());
                assertEquals("", handle.holder());
            }
        }

        @Test
        void namesTheSelectorThatHoldsAClosedSocket() throws Exception {
            try (var connection = open();
                    var selector = Selector.open()) {
                connection.handle.snapshot();
                connection.ours.configureBlocking(false);
                connection.ours.register(selector, 0);
                assertEquals("", connection.handle.holder());
                connection.ours.close();

                assertEquals(
                        "selector " + selector.getClass().getName() + "@"
                                + Integer.toHexString(System.identityHashCode(selector))
                                + " (no thread has selected on it since the agent was loaded)",
                        connection.handle.holder());
            }
        }

        private static String selectorOf(String thread, Selector selector) {
            return "selector " + selector.getClass().getName() + "@"
                    + Integer.toHexString(System.identityHashCode(selector))
                    + " (last selected on about 0 s ago by thread \"" + thread + "\", which has ended)";
        }

        @Test
        void seesNothingOfASocketThatIsClosed() throws Exception {
            var connection = halfClosed();
            connection.close();

            assertEquals(SocketSnapshot.gone(), connection.handle.snapshot());
        }

        @Test
        void seesThatASocketIsClosedAndStillHeldByItsSelector() throws Exception {
            try (var connection = halfClosed();
                    var selector = Selector.open()) {
                connection.handle.snapshot();
                connection.ours.configureBlocking(false);
                connection.ours.register(selector, 0);
                connection.ours.close();

                assertTrue(connection.isHeld());
                assertEquals(SocketSnapshot.closed(), connection.handle.snapshot());
                selector.selectNow();
                assertEquals(SocketSnapshot.gone(), connection.handle.snapshot());
            }
        }

        /** The JDK has sent the FIN behind the answer, and keeps the descriptor for the selector; a close now could reset it. */
        @Test
        void seesThatTheOutputOfAClosedSocketIsInFlight() throws Exception {
            try (var connection = open();
                    var selector = Selector.open()) {
                connection.handle.snapshot();
                connection.ours.configureBlocking(false);
                connection.ours.register(selector, 0);
                var answer = ByteBuffer.allocate(64 * 1024);
                while (connection.ours.write(answer.clear()) > 0) {
                    // until both buffers are full
                }
                connection.ours.close();

                assertEquals(SocketSnapshot.closed().withSending(true), connection.handle.snapshot());
                assertNull(connection.handle.claim(snapshot ->
                        Judge.judge(new Evidence(snapshot, 2, 1, false)).isLeak()));
                connection.peer.configureBlocking(false);
                await("the peer has read all", () -> {
                    while (connection.peer.read(answer.clear()) > 0) {
                        // all that has come
                    }
                    return connection.handle.snapshot().equals(SocketSnapshot.closed());
                });
            }
        }

        @Test
        void aShortLookFindsASocketThatWasClosedBeforeAnybodyLooked() throws Exception {
            try (var connection = open();
                    var selector = Selector.open()) {
                connection.ours.configureBlocking(false);
                connection.ours.register(selector, 0);
                connection.ours.close();

                assertEquals(QuickCheck.SIGN, connection.handle.quickCheck());
                await(
                        "the FIN is acknowledged",
                        () -> connection.handle.snapshot().equals(SocketSnapshot.closed()));
                selector.selectNow();
                assertEquals(QuickCheck.GONE, connection.handle.quickCheck());
            }
        }

        @Test
        void aConnectionWhoseReceiveWindowIsFullIsASignUntilItIsRead() throws Exception {
            try (var connection = open()) {
                SocketHandle handle = connection.handle;
                assertEquals(QuickCheck.FINE, handle.fullCheck());
                FullWindow.fill(connection.peer, handle);
                FullWindow.assertSeen(handle::snapshot, connection.peer);

                // The peer's FIN arrives once there is room for it.
                readToEnd(connection.ours);
                assertEquals(TcpState.CLOSE_WAIT, handle.snapshot().tcpState());
            }
            try (var connection = open()) {
                FullWindow.fill(connection.peer, connection.handle);
                FullWindow.assertResetByClaim(connection.handle, connection.peer);
            }
        }

        @Test
        void aFullReceiveWindowIsNoSignWhileAKeyWantsToRead() throws Exception {
            try (var connection = open();
                    var selector = Selector.open()) {
                FullWindow.fill(connection.peer, connection.handle);
                connection.ours.configureBlocking(false);
                SelectionKey key = connection.ours.register(selector, SelectionKey.OP_READ);
                assertEquals(QuickCheck.FINE, connection.handle.fullCheck());
                key.interestOps(0);
                assertEquals(QuickCheck.SIGN, connection.handle.fullCheck());
            }
        }

        /** It is looked for in a full check only, which most short looks are not. */
        @Test
        void shortLooksFindAFullReceiveWindowInTheEnd() throws Exception {
            try (var connection = open()) {
                FullWindow.fill(connection.peer, connection.handle);
                int looks = 1;
                while (connection.handle.quickCheck() == QuickCheck.FINE) {
                    assertTrue(++looks <= 16);
                }
            }
        }

        @Test
        void aShortLookSeesTheSameSignsAsALongOne() throws Exception {
            try (var connection = open()) {
                assertEquals(QuickCheck.FINE, connection.handle.quickCheck());
                assertFalse(connection.handle.snapshot().showsSign());
                connection.peer.close();
                await("the peer's end", () -> connection.handle.quickCheck() == QuickCheck.SIGN);
                assertEquals(TcpState.CLOSE_WAIT, connection.handle.snapshot().tcpState());
                connection.ours.close();
                assertEquals(QuickCheck.GONE, connection.handle.quickCheck());
            }
            try (var connection = halfClosed()) {
                assertEquals(QuickCheck.SIGN, connection.handle.quickCheck());
            }
            try (var channel = SocketChannel.open()) {
                assertEquals(QuickCheck.SIGN, handleOf(channel).quickCheck());
            }
        }

        @Test
        void seesThatASocketWasNeverConnected() throws Exception {
            try (SocketChannel channel = SocketChannel.open()) {
                assertEquals(SocketSnapshot.unused(), handleOf(channel).snapshot());
                assertNull(handleOf(channel).claim(any -> !any.isGone()));
            }
        }

        @Test
        void seesThatAConnectWasRefusedAndNobodyAsks() throws Exception {
            try (SocketChannel channel = SocketChannel.open()) {
                SocketHandle handle = handleOf(channel);
                channel.configureBlocking(false);
                InetSocketAddress nobody;
                try (var server =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                    nobody = (InetSocketAddress) server.getLocalAddress();
                }
                channel.connect(nobody);
                await("refused", () -> handle.quickCheck() == QuickCheck.SIGN);
                assertEquals(SocketSnapshot.connectEnded(), handle.snapshot());
                assertEquals(LeakKind.NEVER_CONNECTED, handle.snapshot().kind());
                assertEquals(nobody, handle.endpoints().remote());
                assertNull(handle.claim(any -> true));

                assertThrows(ConnectException.class, channel::finishConnect);
                assertEquals(QuickCheck.GONE, handle.quickCheck());
            }
        }

        @Test
        void aConnectThatIsUnderWayIsLeftAloneAndKnown() throws Exception {
            try (var crowd = new FullBacklog();
                    SocketChannel pending = crowd.connecting()) {
                assertTrue(pending.isConnectionPending() && !pending.finishConnect());
                SocketHandle handle = handleOf(pending);
                handle.opened(pending);
                assertEquals(QuickCheck.FINE, handle.quickCheck());
                assertEquals(SocketSnapshot.inUse(), handle.snapshot());
                assertNotEquals(0, handle.inode());
                assertEquals(crowd.address(), handle.endpoints().remote());
                assertNotEquals(0, handle.endpoints().localPort());
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void aConnectThatOnlyAnAbandonedSelectorWouldTellOfIsASign(boolean succeeds) throws Exception {
            try (var crowd = new FullBacklog();
                    var server = TcpConnection.listen();
                    var selector = Selector.open();
                    SocketChannel pending = succeeds ? SocketChannel.open() : crowd.connecting()) {
                if (succeeds) {
                    pending.configureBlocking(false);
                    pending.connect(server.getLocalAddress());
                }
                var selections = new Selections(Clock.SYSTEM, null);
                var stack = new NioStack(DESCRIPTORS, selections);
                stack.resolve();
                stack.proven();
                SocketHandle handle = stack.handle(pending);
                SelectionKey key = pending.register(selector, SelectionKey.OP_CONNECT);
                assertEquals(QuickCheck.FINE, handle.quickCheck(), "somebody may select on it yet");
                var selecting = new Thread(() -> selections.selecting(selector), "that-ends");
                selecting.start();
                selecting.join();

                await("sign", () -> handle.quickCheck() == QuickCheck.SIGN);
                assertEquals(
                        SocketSnapshot.connecting(succeeds ? TcpState.ESTABLISHED : TcpState.SYN_SENT),
                        handle.snapshot());
                assertEquals(LeakKind.NEVER_CONNECTED, handle.snapshot().kind());
                assertTrue(handle.holder().contains("which has ended"), handle.holder());
                assertNotEquals(null, handle.endpoints().remote());
                assertNull(handle.claim(any -> true));
                key.interestOps(0);
                assertEquals(SocketSnapshot.inUse(), handle.snapshot(), "it wants nothing of it");
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_CONNECT);
                await("sign again", () -> handle.quickCheck() == QuickCheck.SIGN);
                selections.selecting(selector);
                assertEquals(SocketSnapshot.inUse(), handle.snapshot());
                assertEquals(QuickCheck.FINE, handle.quickCheck());
            }
        }

        @Test
        void oneThatIsBoundAndNotConnectedIsKnownAndNoSuspect() throws Exception {
            try (SocketChannel channel =
                    SocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                SocketHandle handle = handleOf(channel);
                handle.opened(channel);
                assertEquals(QuickCheck.FINE, handle.quickCheck());
                assertEquals(SocketSnapshot.inUse(), handle.snapshot());
                assertNotEquals(0, handle.inode());
            }
        }

        @Test
        void seesWhatTheStateOfAUnixDomainSocketWouldBe(@TempDir Path directory) throws Exception {
            Path path = directory.resolve("s");
            try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                            .bind(UnixDomainSocketAddress.of(path));
                    var channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
                    var peer = server.accept()) {
                assertEquals(
                        new SocketSnapshot(
                                Holder.OPEN, TcpState.ESTABLISHED, 0, false, false, false, false, false, false),
                        handleOf(channel).snapshot());
                channel.shutdownOutput();
                write(peer, UNREAD);
                assertEquals(
                        Snapshots.halfClosed(TcpState.FIN_WAIT2, 6, false, false, false, false),
                        handleOf(channel).snapshot());
                peer.close();
                assertEquals(
                        Snapshots.halfClosed(TcpState.CLOSE, 6, true, false, false, false),
                        handleOf(channel).snapshot());
            } finally {
                Files.deleteIfExists(path);
            }
        }

        @Test
        void remembersTheEndsThatTheKernelHasForgotten() throws Exception {
            try (var connection = halfClosed()) {
                var local = (InetSocketAddress) connection.ours.getLocalAddress();
                var remote = (InetSocketAddress) connection.ours.getRemoteAddress();
                connection.peer.close();
                awaitState(connection.handle, TcpState.CLOSE);
                connection.ours.close();

                assertEquals(new Endpoints(local, remote), connection.handle.endpoints());
                assertEquals(connection.descriptor, connection.handle.descriptor());
            }
        }

        @Test
        void isTheHandleOfThatVerySocket() throws Exception {
            try (var connection = open();
                    var other = open()) {
                assertTrue(connection.handle.is(connection.ours));
                assertFalse(connection.handle.is(other.ours));
                assertFalse(connection.handle.is("a string"));
                assertFalse(connection.handle.is(null));
            }
        }

        @Test
        void thereIsNoHandleForOtherThings() throws Exception {
            Pipe pipe = Pipe.open();
            try (var source = pipe.source();
                    var sink = pipe.sink()) {
                assertNull(TcpConnection.stack().handle(source));
                assertNull(TcpConnection.stack().handle(sink));
                assertNull(TcpConnection.stack().handle(null));
            }
        }
    }

    @Nested
    class Claiming {
        @ParameterizedTest
        @EnumSource
        void failsEveryLaterReadOfTheApplication(Reading reading) throws Exception {
            assumeTrue(reading.isKnownHere());
            try (var connection = halfClosed()) {
                connection.ours.configureBlocking(reading.needsBlockingMode());
                Claim claim = claim(connection);
                assertReadFails(reading, connection);

                // Discard one half, then the other, then the end.
                assertEquals(3, claim.read(ByteBuffer.allocateDirect(3)));
                assertReadFails(reading, connection);
                assertEquals(3, claim.read(ByteBuffer.allocateDirect(64)));
                assertReadFails(reading, connection);
                write(connection.peer, "MORE");
                assertReadFails(reading, connection);
                connection.peer.shutdownOutput();
                drainToEnd(claim);
                assertReadFails(reading, connection);

                claim.close();
                assertThrows(IOException.class, () -> reading.read(connection.ours, 16));
            }
        }

        /** The JDK answers so whatever is in the kernel's queue: the application itself asked for no more input. */
        @Test
        void leavesTheEndOfInputThatTheApplicationMadeItself() throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.shutdownInput();
                assertEquals(-1, connection.ours.read(ByteBuffer.allocate(16)));

                assertNotNull(connection.handle.claim(any -> true));
                assertEquals(-1, connection.ours.read(ByteBuffer.allocate(16)));
            }
        }

        @ParameterizedTest
        @EnumSource(
                mode = EnumSource.Mode.EXCLUDE,
                names = {"NON_BLOCKING", "ADAPTOR_WITH_TIMEOUT"})
        void isRefusedWhileAReaderIsThere(Reading reading) throws Exception {
            assumeTrue(reading.isKnownHere());
            try (var connection = open()) {
                connection.ours.shutdownOutput();
                var reader = inBackground(() -> readSomething(reading, connection.ours));
                await("reader seen", () -> connection.handle.snapshot().reading());
                assertNull(connection.handle.claim(any -> true));

                write(connection.peer, UNREAD);
                assertArrayEquals(UNREAD.getBytes(US_ASCII), reader.get());
            }
        }

        @Test
        void isRefusedWhenTheFactsNoLongerHold() throws Exception {
            try (var connection = halfClosed()) {
                assertNull(connection.handle.claim(any -> false));

                assertArrayEquals(UNREAD.getBytes(US_ASCII), Reading.BLOCKING.read(connection.ours, 16));
            }
        }

        @Test
        void leavesASocketAloneWhoseFactsCannotBeJudged() throws Exception {
            try (var connection = halfClosed()) {
                assertThrows(
                        IllegalStateException.class,
                        () -> connection.handle.claim(any -> {
                            throw new IllegalStateException("a bug in the judge");
                        }));

                assertArrayEquals(UNREAD.getBytes(US_ASCII), Reading.ADAPTOR.read(connection.ours, 16));
            }
        }

        @Test
        void isRefusedWhenTheApplicationClosesMeanwhile() throws Exception {
            try (var connection = halfClosed()) {
                assertNull(connection.handle.claim(any -> {
                    closeUnchecked(connection.ours);
                    return true;
                }));
            }
        }

        @Test
        void isRefusedWhenTheSocketIsClosed() throws Exception {
            var connection = halfClosed();
            connection.close();

            assertNull(connection.handle.claim(any -> true));
        }

        @Test
        void looksOnceMoreUnderTheLock() throws Exception {
            try (var connection = halfClosed()) {
                write(connection.peer, "MORE");
                connection.awaitUnread(10);
                var seen = new SocketSnapshot[1];
                Claim claim = connection.handle.claim(snapshot -> {
                    seen[0] = snapshot;
                    return true;
                });

                assertEquals(Snapshots.halfClosed(TcpState.FIN_WAIT2, 10, false, false, false, false), seen[0]);
                assertSame(seen[0], claim.snapshot());
            }
        }

        @ParameterizedTest
        @EnumSource
        void failsAReaderWhoArrivesWhileItLooks(Reading reading) throws Exception {
            assumeTrue(reading.isKnownHere());
            try (var connection = halfClosed()) {
                connection.ours.configureBlocking(reading.needsBlockingMode());
                var reader = new FutureTask<>(() -> reading.read(connection.ours, 16));
                Claim claim = connection.handle.claim(any -> {
                    start(reader);
                    await("reader queued", readLock(connection)::hasQueuedThreads);
                    return true;
                });

                assertNotNull(claim);
                var failed = assertThrows(ExecutionException.class, reader::get);
                assertEquals(SocketException.class, failed.getCause().getClass());
                assertEquals(6, claim.read(ByteBuffer.allocateDirect(16)));
            }
        }

        @Test
        void isRefusedForAReaderWhoQueuedBeforeTheLook() throws Exception {
            try (var connection = halfClosed()) {
                ReentrantLock readLock = readLock(connection);
                var reader = new FutureTask<>(() -> Reading.BLOCKING.read(connection.ours, 16));
                readLock.lock();
                try {
                    start(reader);
                    await("reader queued", readLock::hasQueuedThreads);
                    assertNull(connection.handle.claim(snapshot -> !snapshot.reading()));
                } finally {
                    readLock.unlock();
                }
                assertArrayEquals(UNREAD.getBytes(US_ASCII), reader.get());
            }
        }
    }

    @Nested
    class Draining {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void takesWhatIsThereAndNeverWaitsForMore(boolean blocking) throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.configureBlocking(blocking);
                Claim claim = claim(connection);
                ByteBuffer discarded = ByteBuffer.allocateDirect(64);

                assertEquals(6, claim.read(discarded));
                assertEquals(Claim.NOTHING_NOW, claim.read(discarded));
                write(connection.peer, "MORE");
                await("more", () -> connection.handle.snapshot().unread());
                assertEquals(4, claim.read(discarded));
                assertEquals(Claim.NOTHING_NOW, claim.read(discarded));
                connection.peer.shutdownOutput();
                await("end", () -> connection.handle.snapshot().endOfInput());
                assertEquals(Claim.END_OF_INPUT, claim.read(discarded));
                assertEquals(Claim.END_OF_INPUT, claim.read(discarded));
                assertEquals(UNREAD + "MORE", US_ASCII.decode(discarded.flip()).toString());
            }
        }

        @Test
        void takesNoMoreThanTheBufferHolds() throws Exception {
            try (var connection = halfClosed()) {
                Claim claim = claim(connection);

                assertEquals(2, claim.read(ByteBuffer.allocateDirect(2)));
                assertEquals(4, connection.handle.snapshot().unreadBytes());
            }
        }

        @Test
        void takesTheRestAndThenTheErrorAfterAReset() throws Exception {
            try (var connection = halfClosed()) {
                connection.resetByPeer();
                awaitState(connection.handle, TcpState.CLOSE);
                Claim claim = claim(connection);
                ByteBuffer discarded = ByteBuffer.allocateDirect(64);

                assertEquals(6, claim.read(discarded));
                assertThrows(IOException.class, () -> claim.read(discarded));
            }
        }

        @Test
        void comesToTheEndOfAnInputThatTheApplicationShut() throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.shutdownInput();
                Claim claim = connection.handle.claim(any -> true);

                assertEquals(6, claim.read(ByteBuffer.allocateDirect(64)));
                assertEquals(Claim.END_OF_INPUT, claim.read(ByteBuffer.allocateDirect(64)));
            }
        }

        @Test
        void freesAPeerThatIsStuckInSending() throws Exception {
            try (var connection = open()) {
                connection.ours.shutdownOutput();
                byte[] upload = random(4 * 1024 * 1024);
                var sender = inBackground(() -> {
                    writeAll(connection.peer, upload);
                    connection.peer.shutdownOutput();
                    return readToEnd(connection.peer);
                });
                await("window full", () -> connection.handle.snapshot().unreadBytes() > 50_000);

                byte[] discarded = drainToEnd(claim(connection));
                assertArrayEquals(upload, discarded);
                assertEquals(0, sender.get().length);
            }
        }

        @Test
        void stepsAsideWhileSomebodyHasTheLock() throws Exception {
            try (var connection = halfClosed()) {
                Claim claim = claim(connection);
                ReentrantLock readLock = readLock(connection);
                readLock.lock();
                try {
                    assertEquals(
                            Claim.BUSY,
                            inBackground(() -> claim.read(ByteBuffer.allocateDirect(64)))
                                    .get());
                } finally {
                    readLock.unlock();
                }
                assertEquals(6, claim.read(ByteBuffer.allocateDirect(64)));
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void endsWhenTheApplicationCloses(boolean registered) throws Exception {
            try (var connection = halfClosed();
                    var selector = Selector.open()) {
                if (registered) {
                    connection.ours.configureBlocking(false);
                    connection.ours.register(selector, 0);
                }
                Claim claim = claim(connection);
                connection.ours.close();

                assertEquals(registered, connection.isHeld());
                assertEquals(Claim.CLOSED_MEANWHILE, claim.read(ByteBuffer.allocateDirect(64)));
            }
        }
    }

    @Nested
    class Closing {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void freesTheDescriptor(boolean blocking) throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.configureBlocking(blocking);
                claim(connection).close();

                assertFalse(connection.isHeld());
                assertFalse(connection.ours.isOpen());
            }
        }

        @Test
        void freesTheDescriptorUnderSelectorsThatAreSelecting() throws Exception {
            try (var connection = halfClosed();
                    var one = Selector.open();
                    var two = Selector.open()) {
                connection.ours.configureBlocking(false);
                connection.ours.register(one, 0);
                connection.ours.register(two, SelectionKey.OP_WRITE).interestOps(0);
                var selections =
                        new FutureTask<?>[] {inBackground(() -> selectOnce(one)), inBackground(() -> selectOnce(two))};
                claim(connection).close();

                for (FutureTask<?> selection : selections) {
                    selection.get();
                }
                connection.awaitRelease();
            }
        }

        @Test
        void maySafelyBeRepeated() throws Exception {
            try (var connection = halfClosed();
                    var bystander = open()) {
                Claim claim = claim(connection);
                claim.close();
                // Takes the number that has just become free.
                try (var next = open()) {
                    claim.close();
                    assertEquals(Claim.CLOSED_MEANWHILE, claim.read(ByteBuffer.allocateDirect(64)));
                    assertTrue(next.isHeld());
                    write(next.peer, UNREAD);
                    assertArrayEquals(UNREAD.getBytes(US_ASCII), Reading.BLOCKING.read(next.ours, 16));
                }
                assertTrue(bystander.isHeld());
            }
        }

        @Test
        void saysWhoseSocketItIs() throws Exception {
            try (var connection = halfClosed();
                    var selector = Selector.open()) {
                connection.ours.configureBlocking(false);
                connection.ours.register(selector, 0, new StringBuilder("of no framework"));

                assertTrue(claim(connection).owner().contains("java.lang.StringBuilder"));
            }
        }

        /** An application that resumes before the close has its framework read; of others the read is the way to be told. */
        @ParameterizedTest
        @CsvSource({"true, java.nio.channels.NotYetConnectedException", "false, java.net.SocketException"})
        void aFrameworkThatTakesAResetWronglyReadsNone(boolean takenWrongly, Class<? extends Exception> failure)
                throws Exception {
            try (var connection = open();
                    var selector = Selector.open()) {
                connection.ours.configureBlocking(false);
                connection.ours.register(selector, 0, takenWrongly ? new InternalDataChannel() : new StringBuilder());
                write(connection.peer, UNREAD);
                connection.peer.close();
                awaitState(connection.handle, TcpState.CLOSE_WAIT);
                Claim claim = claim(connection);

                assertTrue(claim.isReset());
                assertThrows(failure, () -> connection.ours.read(ByteBuffer.allocate(16)));
                assertThrows(Exception.class, () -> connection.ours.write(ByteBuffer.allocate(16)));
                claim.close();
                assertFalse(connection.isHeld());
            }
        }

        @Test
        void afterTheDrainThePeerHasItsWholeReplyAndACleanEnd() throws Exception {
            try (var connection = halfClosed()) {
                connection.peer.shutdownOutput();
                Claim claim = claim(connection);
                drainToEnd(claim);
                claim.close();

                assertPeerHas(REPLY.getBytes(US_ASCII), connection);
                assertFalse(handleOf(connection.peer).snapshot().reset());
            }
        }

        @Test
        void afterTheDrainAPeerThatStaysOpenIsNotReset() throws Exception {
            try (var connection = halfClosed()) {
                Claim claim = claim(connection);
                drainWhatIsThere(claim);
                claim.close();

                assertFalse(connection.isHeld());
                assertEquals(
                        TcpState.CLOSE_WAIT,
                        handleOf(connection.peer).snapshot().tcpState());
                assertPeerHas(REPLY.getBytes(US_ASCII), connection);
                // Its FIN is still acknowledged by the connection that nobody owns any more.
                connection.peer.shutdownOutput();
                awaitState(handleOf(connection.peer), TcpState.CLOSE);
                assertFalse(handleOf(connection.peer).snapshot().reset());
            }
        }

        @Test
        void withoutADrainThePeerIsReset() throws Exception {
            try (var connection = halfClosed()) {
                claim(connection).close();

                await("reset", () -> handleOf(connection.peer).snapshot().reset());
                assertThrows(IOException.class, () -> write(connection.peer, "x"));
            }
        }

        @Test
        void withoutADrainThePeerNoticesNothingOnceBothFinsAreExchanged() throws Exception {
            try (var connection = halfClosed()) {
                connection.peer.shutdownOutput();
                awaitState(connection.handle, TcpState.CLOSE);
                claim(connection).close();

                assertFalse(connection.isHeld());
                assertPeerHas(REPLY.getBytes(US_ASCII), connection);
                assertFalse(handleOf(connection.peer).snapshot().reset());
            }
        }

        /** The judge never lets it come to this. */
        @Test
        void aReplyInFlightArrivesAfterADrainAndIsTornByAPlainClose() throws Exception {
            try (var drained = replyInFlight();
                    var torn = replyInFlight()) {
                Claim claim = drained.handle.claim(any -> true);
                drainWhatIsThere(claim);
                claim.close();
                torn.handle.claim(any -> true).close();

                assertEquals(drained.replyBytes, readToEnd(drained.peer()).length);
                await("reset", () -> handleOf(torn.peer()).snapshot().reset());
                assertTrue(bytesBeforeTheEnd(torn.peer()) < torn.replyBytes);
            }
        }

        /** Without unread input a close waits for the reply in flight as long as the application has told it to. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void doesNotLinger(boolean blocking) throws Exception {
            try (var connection = replyInFlight()) {
                connection.ours().setOption(StandardSocketOptions.SO_LINGER, LINGER_SECONDS);
                connection.ours().configureBlocking(blocking);
                Claim claim = connection.handle.claim(any -> true);
                drainWhatIsThere(claim);
                long before = System.nanoTime();
                claim.close();

                assertTrue(System.nanoTime() - before
                        < Duration.ofSeconds(LINGER_SECONDS / 2).toNanos());
                assertFalse(connection.connection.isHeld());
                assertEquals(connection.replyBytes, readToEnd(connection.peer()).length);
            }
        }

        @Test
        void doesNotAbortEitherIfItsOwnerClosesItAfterTheClaim() throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.setOption(StandardSocketOptions.SO_LINGER, 0);
                drainWhatIsThere(claim(connection));
                connection.ours.close();

                assertEquals(
                        TcpState.CLOSE_WAIT,
                        handleOf(connection.peer).snapshot().tcpState());
                assertPeerHas(REPLY.getBytes(US_ASCII), connection);
            }
        }

        @Test
        void doesNotAbortAfterADrainThoughTheApplicationAskedForAbortiveCloses() throws Exception {
            try (var connection = halfClosed()) {
                connection.ours.setOption(StandardSocketOptions.SO_LINGER, 0);
                Claim claim = claim(connection);
                drainWhatIsThere(claim);
                claim.close();

                assertFalse(connection.isHeld());
                assertEquals(
                        TcpState.CLOSE_WAIT,
                        handleOf(connection.peer).snapshot().tcpState());
                assertPeerHas(REPLY.getBytes(US_ASCII), connection);
            }
        }
    }

    /** A listener whose backlog is full keeps the connects that follow in SYN_SENT. */
    private static final class FullBacklog implements AutoCloseable {
        private final ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        private final List<SocketChannel> clients = new ArrayList<>();

        FullBacklog() throws IOException {
            for (int i = 0; i < 3; i++) {
                clients.add(connecting());
            }
        }

        InetSocketAddress address() throws IOException {
            return (InetSocketAddress) server.getLocalAddress();
        }

        SocketChannel connecting() throws IOException {
            SocketChannel client = SocketChannel.open();
            client.configureBlocking(false);
            client.connect(address());
            return client;
        }

        @Override
        public void close() throws IOException {
            clients.forEach(NioSocketTest::closeUnchecked);
            server.close();
        }
    }

    @Nested
    class Holding {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void knowsBothEndsOfAChannelThatWasDroppedWhileItWasBeingConnected(boolean lookedAt) throws Throwable {
            try (var crowd = new FullBacklog()) {
                SocketHandle handle = dropped(crowd.connecting(), lookedAt);
                awaitUnreachable(handle);

                assertEquals(TcpState.SYN_SENT, handle.snapshot().tcpState());
                assertEquals(crowd.address(), handle.endpoints().remote());
                assertEquals(
                        InetAddress.getLoopbackAddress(),
                        ((InetSocketAddress) handle.endpoints().local()).getAddress());
                assertTrue(handle.endpoints().localPort() > 0, handle.endpoints()::toString);
                handle.claim(any -> true).close();
                assertEquals(QuickCheck.GONE, handle.quickCheck());
            }
        }

        @Test
        void knowsBothEndsOfAConnectionThatNobodyHasLookedAt() throws Throwable {
            try (var server = TcpConnection.listen()) {
                SocketHandle handle = dropped(SocketChannel.open(server.getLocalAddress()), false);
                try (SocketChannel peer = server.accept()) {
                    awaitUnreachable(handle);

                    assertEquals(peer.getRemoteAddress(), handle.endpoints().local());
                    assertEquals(peer.getLocalAddress(), handle.endpoints().remote());
                    handle.claim(any -> true).close();
                }
            }
        }

        private static SocketHandle dropped(SocketChannel channel, boolean lookedAt) {
            SocketHandle handle = handleOf(channel);
            handle.opened(channel);
            assertTrue(!lookedAt || handle.quickCheck() == QuickCheck.FINE);
            return handle;
        }

        @Test
        void findsADroppedSocketByItsDescriptorAndClosesThatOnce() throws Throwable {
            Dropped dropped = drop();
            try (SocketChannel peer = dropped.peer) {
                awaitUnreachable(dropped);

                assertEquals(QuickCheck.SIGN, dropped.handle.quickCheck());
                assertEquals(UNREAD.length(), dropped.handle.snapshot().unreadBytes());
                assertNull(dropped.handle.claim(any -> false));
                Claim claim = dropped.handle.claim(any -> true);
                var buffer = ByteBuffer.allocateDirect(64);
                assertEquals(UNREAD.length(), claim.read(buffer));
                assertEquals(Claim.NOTHING_NOW, claim.read(buffer));
                claim.close();
                assertNotEquals(dropped.link, DESCRIPTORS.link(dropped.descriptor));
                assertEquals(REPLY, new String(readToEnd(peer), US_ASCII));

                try (var canary = SocketChannel.open()) {
                    String before = DESCRIPTORS.link(handleDescriptor(canary));
                    claim.close();
                    assertEquals(before, DESCRIPTORS.link(handleDescriptor(canary)), "a second close touches nobody");
                }
                assertEquals(SocketSnapshot.gone(), dropped.handle.snapshot());
                assertEquals(
                        QuickCheck.GONE,
                        dropped.handle.quickCheck(),
                        "a short look after the release must not find it again");
            }
        }

        @Test
        void aDroppedSocketWhoseDescriptorNowBelongsToAnotherIsLeftAlone() throws Throwable {
            Dropped dropped = drop();
            try (SocketChannel peer = dropped.peer) {
                awaitUnreachable(dropped);
                Claim claim = dropped.handle.claim(any -> true);
                RawDescriptor.close(dropped.descriptor);
                var others = new ArrayList<SocketChannel>();
                try {
                    // The kernel gives out the lowest free number, so it comes to ours soon.
                    do {
                        others.add(SocketChannel.open());
                    } while (handleDescriptor(others.get(others.size() - 1)) != dropped.descriptor
                            && others.size() < 1000);
                    String link = DESCRIPTORS.link(dropped.descriptor);
                    assertNotEquals(dropped.link, link, "the number is reused");

                    assertEquals(SocketSnapshot.gone(), dropped.handle.snapshot());
                    assertNull(dropped.handle.claim(any -> true));
                    assertEquals(Claim.CLOSED_MEANWHILE, claim.read(ByteBuffer.allocateDirect(1)));
                    claim.close();
                    assertEquals(link, DESCRIPTORS.link(dropped.descriptor));
                } finally {
                    for (SocketChannel other : others) {
                        other.close();
                    }
                }
            }
        }

        private static int handleDescriptor(SocketChannel channel) {
            return TcpConnection.stack().numberOf(channel);
        }

        private static void awaitUnreachable(Dropped dropped) {
            awaitUnreachable(dropped.handle);
        }

        private static void awaitUnreachable(SocketHandle handle) {
            await("collected", () -> {
                System.gc();
                return handle.snapshot().hold() == Holder.UNREACHABLE;
            });
        }

        private Dropped drop() throws IOException {
            var connection = halfClosed();
            connection.handle.snapshot();
            return new Dropped(connection.handle, connection.descriptor, connection.link, connection.peer);
        }

        private record Dropped(NioSocket handle, int descriptor, String link, SocketChannel peer) {}
    }

    // -- What the application does

    private record InFlight(TcpConnection connection, NioSocket handle, int replyBytes) implements AutoCloseable {
        SocketChannel ours() {
            return connection.ours;
        }

        SocketChannel peer() {
            return connection.peer;
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    /** Half-closed behind a reply larger than the peer's window, with six bytes of the peer's unread. */
    private static InFlight replyInFlight() throws IOException {
        var connection = open();
        int replyBytes = fill(connection.ours);
        connection.ours.shutdownOutput();
        write(connection.peer, UNREAD);
        connection.awaitUnread(UNREAD.length());
        return new InFlight(connection, connection.handle, replyBytes);
    }

    /** Writes until both kernels' buffers are full; returns the number of bytes. */
    private static int fill(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        ByteBuffer much = ByteBuffer.allocateDirect(MORE_THAN_FITS);
        await("full", () -> channel.write(much) == 0);
        channel.configureBlocking(true);
        return much.position();
    }

    private static void writeAll(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    private static byte[] random(int count) {
        var bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] readSomething(Reading reading, SocketChannel channel) throws IOException {
        byte[] bytes = reading.read(channel, 16);
        while (bytes == Reading.NOTHING_NOW) {
            bytes = reading.read(channel, 16);
        }
        return bytes;
    }

    private static void assertReadFails(Reading reading, TcpConnection connection) {
        assertThrows(SocketException.class, () -> reading.read(connection.ours, 16));
    }

    private static void closeUnchecked(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static int selectOnce(Selector selector) throws IOException {
        return selector.select();
    }

    private static ReentrantLock readLock(TcpConnection connection) {
        return TcpConnection.stack().fields().readLock(connection.ours);
    }

    // -- What the agent does

    private static Claim claim(TcpConnection connection) {
        Claim claim = connection.handle.claim(snapshot -> snapshot.unread() && !snapshot.reading());
        assertNotNull(claim);
        return claim;
    }

    private static byte[] drainToEnd(Claim claim) throws IOException {
        var all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocateDirect(64 * 1024);
        await("end of input", () -> {
            int count;
            while ((count = claim.read(some.clear())) > 0) {
                var bytes = new byte[count];
                some.flip().get(bytes);
                all.write(bytes);
            }
            return count == Claim.END_OF_INPUT;
        });
        return all.toByteArray();
    }

    private static void drainWhatIsThere(Claim claim) throws IOException {
        assertEquals(6, claim.read(ByteBuffer.allocateDirect(64)));
        assertEquals(Claim.NOTHING_NOW, claim.read(ByteBuffer.allocateDirect(64)));
    }

    // -- What the peer sees

    private static void assertPeerHas(byte[] reply, TcpConnection connection) throws IOException {
        assertArrayEquals(reply, readToEnd(connection.peer));
    }

    /** The end may be an error. */
    private static int bytesBeforeTheEnd(SocketChannel peer) {
        ByteBuffer bytes = ByteBuffer.allocate(MORE_THAN_FITS);
        try {
            while (peer.read(bytes) >= 0) {
                // on to the end
            }
        } catch (IOException reset) {
            // then that was the end
        }
        return bytes.position();
    }

    private static void awaitState(NioSocket handle, TcpState state) {
        await(state.toString(), () -> handle.snapshot().tcpState() == state);
    }

    // -- Threads

    private static <T> FutureTask<T> inBackground(Callable<T> task) {
        var future = new FutureTask<>(task);
        start(future);
        return future;
    }

    private static void start(FutureTask<?> task) {
        var thread = new Thread(task, "application");
        thread.setDaemon(true);
        thread.start();
    }
}
