package io.socketreaper.selector;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.TcpState;
import io.socketreaper.stack.Claim;
import io.socketreaper.stack.Claim.Back;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.TcpConnection;
import io.socketreaper.stack.nio.NioStack;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a condemned channel is given back to the thread that selects, and closed inside that thread's own selection. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandBackTest {
    private static final int MANY = 1_500;

    private final Selections selections = new Selections(Clock.SYSTEM, null);
    private final NioStack stack = resolved(selections);
    private final List<AutoCloseable> toClose = new ArrayList<>();

    private static NioStack resolved(Selections selections) {
        var stack = new NioStack(new ProcDescriptors(Clock.SYSTEM), selections);
        try {
            stack.resolve();
            stack.proven();
            return stack;
        } catch (ReflectiveOperationException unknownJdk) {
            throw new AssertionError(unknownJdk);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : toClose) {
            each.close();
        }
    }

    private static final String END = "end of input";

    enum End {
        /** Half-closed by the application, drained, and the peer's side is open. */
        IDLE,
        /** The same, and the peer has ended its side. */
        BOTH,
        /** The peer has ended its side, and the application has not. */
        PEER
    }

    private TcpConnection connection(End end) throws IOException {
        TcpConnection connection = TcpConnection.open();
        toClose.add(connection);
        connection.ours.configureBlocking(false);
        if (end != End.PEER) {
            connection.ours.shutdownOutput();
        }
        if (end != End.IDLE) {
            connection.peer.shutdownOutput();
        }
        TcpState wanted = end == End.IDLE ? TcpState.FIN_WAIT2 : end == End.BOTH ? TcpState.CLOSE : TcpState.CLOSE_WAIT;
        await(wanted.toString(), () -> stack.handle(connection.ours).snapshot().tcpState() == wanted);
        return connection;
    }

    private Claim claim(TcpConnection connection) {
        SocketHandle handle = stack.handle(connection.ours);
        if (connection.ours.socket().isOutputShutdown()) {
            handle.halfClosed(connection.ours);
        }
        return claim(handle);
    }

    private static Claim claim(SocketHandle handle) {
        return handle.claim(any -> true);
    }

    /** An event loop, with the call that the hook makes at the beginning of each selection. */
    private class Loop implements AutoCloseable {
        final Selector selector = Selector.open();
        final AtomicInteger iterations = new AtomicInteger();
        final Queue<String> readFailures = new ConcurrentLinkedQueue<>();
        final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final boolean reads;
        private final Thread thread = new Thread(this::run, "loop");
        /** Keys that the beginning of the first selection has made interested. */
        volatile long offeredFirst = -1;

        Loop(boolean reads) throws IOException {
            this.reads = reads;
            toClose.add(this);
        }

        Loop start() {
            thread.setDaemon(true);
            thread.start();
            return this;
        }

        private void run() {
            try {
                while (true) {
                    selections.selecting(selector);
                    if (offeredFirst < 0) {
                        offeredFirst = selector.keys().stream()
                                .filter(key -> key.isValid() && key.interestOps() != 0)
                                .count();
                    }
                    selector.select();
                    iterations.incrementAndGet();
                    for (SelectionKey key : selector.selectedKeys()) {
                        if (reads) {
                            read((SocketChannel) key.channel());
                        }
                    }
                    selector.selectedKeys().clear();
                    // As HttpCore does, which looks for timeouts there; here not after a close of its own.
                    for (SelectionKey key : reads ? Set.<SelectionKey>of() : selector.keys()) {
                        key.interestOps();
                    }
                }
            } catch (ClosedSelectorException theEnd) {
                // of the test
            } catch (IOException | RuntimeException failed) {
                failures.add(failed);
            }
        }

        private void read(SocketChannel channel) throws IOException {
            try {
                if (channel.read(ByteBuffer.allocate(8)) < 0) {
                    readFailures.add(END);
                    channel.close();
                }
            } catch (IOException failed) {
                readFailures.add(failed.getMessage());
                channel.close();
            }
        }

        @Override
        public void close() throws Exception {
            selector.close();
            thread.join();
            assertEquals(List.of(), List.copyOf(failures));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOwnersOwnReadTellsItAndItClosesTheChannelItself(End end) throws Exception {
        TcpConnection connection = connection(end);
        Loop loop = new Loop(true).start();
        connection.ours.register(loop.selector, 0);
        Claim claim = claim(connection);

        assertNotEquals(Back.IMPOSSIBLE, claim.handBack());
        connection.awaitRelease();

        // Nothing is missing where the peer has ended its side and all was read: that is no failure.
        assertEquals(List.of(end == End.PEER ? END : "Connection reset"), List.copyOf(loop.readFailures));
        assertTrue(claim.isClosed());
        assertTrue(claim.mayBeGone());
    }

    @ParameterizedTest
    @EnumSource
    void aLoopThatIgnoresTheKeyDoesNotSpinAndGetsItsInterestBack(End end) throws Exception {
        TcpConnection connection = connection(end);
        Loop loop = new Loop(false).start();
        SelectionKey key = connection.ours.register(loop.selector, 0);
        Claim claim = claim(connection);
        claim.handBack();
        await("told", () -> claim.back() == Back.TOLD);
        await("taken back", () -> key.interestOps() == 0);
        assertTrue(loop.iterations.get() <= 4, () -> loop.iterations + " iterations");

        assertTrue(claim.closeInSelection());
        connection.awaitRelease();
        assertTrue(loop.iterations.get() <= 6, () -> loop.iterations + " iterations");
    }

    /** Of a channel that is registered without an interest, and that a selection has reported, because it is handed back. */
    private Claim reported(TcpConnection connection, Selector selector) throws IOException {
        Claim claim = claim(connection);
        claim.handBack();
        selections.selecting(selector);
        assertEquals(1, selector.select(1_000));
        return claim;
    }

    /** As the hook does: the JDK tells a selector of no interest that the key had already. */
    private void ask(SelectionKey key) {
        key.interestOps(key.interestOps() | SelectionKey.OP_READ);
        selections.interests().askedForInput(key);
    }

    @Test
    void aLoopThatIsWaitedForNoLongerGetsItsInterestBackAndClosesTheChannelInItsNextSelection() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            assertEquals(SelectionKey.OP_READ, key.interestOps());
            assertEquals(Back.UNDER_WAY, claim.back());
            assertEquals(Back.REPORTED, claim.back(), "no selection has begun since the last look");

            claim.endHandBack();
            assertTrue(claim.closeInSelection());
            selector.selectedKeys().clear();
            selections.selecting(selector);
            assertFalse(connection.ours.isOpen());
            selector.selectNow();
            connection.awaitRelease();
        }
    }

    @Test
    void aChannelThatItsBusyThreadWasNotToldOfIsNotReported() throws Exception {
        var connections = new ArrayList<TcpConnection>();
        var claims = new ArrayList<Claim>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i <= SelectorWork.MOST_BACKS; i++) {
                connections.add(connection(End.BOTH));
                connections.get(i).ours.register(selector, 0);
                claims.add(claim(connections.get(i)));
                claims.get(i).handBack();
            }
            selections.selecting(selector);
            selector.select(1_000);
            assertEquals(Back.UNDER_WAY, claims.get(SelectorWork.MOST_BACKS).back());
            assertEquals(Back.BUSY, claims.get(SelectorWork.MOST_BACKS).back());
        }
    }

    @Test
    void anInterestThatComesToAKeyWhichTheAgentHasMadeInterestedStaysAndIsReported() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            ask(key);

            claim.endHandBack();
            assertTrue(claim.closeInSelection());
            for (int i = 0; i < 4; i++) {
                selector.selectedKeys().clear();
                selections.selecting(selector);
                assertEquals(1, selector.select(1_000));
                assertEquals(SelectionKey.OP_READ, key.interestOps());
                assertTrue(connection.ours.isOpen());
            }
            selections.selecting(selector);
            selector.selectNow();
            connection.awaitRelease();
        }
    }

    /** What was read before the leak leaves the key's ready set as it is until a selection reports the key again. */
    @Test
    void ofAKeyThatWasReadyBeforeItIsNotKnownWhichSelectionHasReportedItSoAFewAreWaitedFor() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, SelectionKey.OP_READ);
            assertEquals(1, selector.select(1_000));
            selector.selectedKeys().clear();
            key.interestOps(0);
            Claim claim = claim(connection);
            claim.handBack();
            for (int i = 0; i < HandBack.MOST_REPORTS; i++) {
                assertNotEquals(Back.TOLD, claim.back());
                selections.selecting(selector);
                assertEquals(1, selector.select(1_000));
                selector.selectedKeys().clear();
            }
            selections.selecting(selector);
            assertEquals(Back.TOLD, claim.back());
            assertEquals(0, key.interestOps());
        }
    }

    /** As one that asks only if the key does not ask yet. */
    @Test
    void whatSeesTheInterestMayWantItSoItStaysAndIsReported() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            assertEquals(SelectionKey.OP_READ, key.interestOps());
            selections.interests().interestSeen(key);

            claim.endHandBack();
            assertTrue(claim.closeInSelection());
            selector.selectedKeys().clear();
            selections.selecting(selector);
            assertTrue(connection.ours.isOpen());
            assertEquals(1, selector.select(1_000));
        }
    }

    @Test
    void aLoopThatAsksAndDoesNotReadDoesNotSpin() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            for (int i = 0; i < HandBack.MOST_REPORTS; i++) {
                selector.selectedKeys().clear();
                ask(key);
                selections.selecting(selector);
                assertEquals(Back.UNDER_WAY, claim.back());
                assertEquals(1, selector.select(1_000));
            }
            selector.selectedKeys().clear();
            selections.selecting(selector);
            assertEquals(Back.TOLD, claim.back());
            assertEquals(0, selector.selectNow());
        }
    }

    @Test
    void aChannelWhoseInputWasAskedForIsReportedToTheNextThread() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            Claim claim = claim(connection);
            claim.handBack();
            selectOnAThreadThatEnds(selector);
            selector.selectedKeys().clear();
            ask(key);
            selections.selecting(selector);
            assertTrue(connection.ours.isOpen());
            assertEquals(Back.IMPOSSIBLE, claim.back());
            claim.endHandBack();
            assertTrue(claim.closeInSelection());
            selections.selecting(selector);
            assertEquals(1, selector.select(1_000));
            assertThrows(IOException.class, () -> connection.ours.read(ByteBuffer.allocate(8)));
        }
    }

    /** Threads that take turns: one looks, and another selects. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKeyThatWasLookedAtIsReportedToTheNextThreadUnlessTheOneThatWasToldHasEnded(boolean hasEnded)
            throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            claim(connection).handBack();
            var goesOn = new CountDownLatch(1);
            var told = new CountDownLatch(1);
            var thread = new Thread(() -> {
                try {
                    select(selector);
                    selections.interests().interestSeen(key);
                    told.countDown();
                    goesOn.await();
                } catch (IOException | InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
            });
            thread.start();
            told.await();
            if (hasEnded) {
                goesOn.countDown();
                thread.join();
            }
            selections.selecting(selector);
            assertEquals(hasEnded, !connection.ours.isOpen());
            goesOn.countDown();
            thread.join();
        }
    }

    /** It may be made in the middle of a walk through a copy of the keys. */
    @Test
    void aSelectionThatDoesNotWaitClosesNoChannelOfTheThreadBeforeIt() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            claim(connection).handBack();
            selectOnAThreadThatEnds(selector);
            selections.selectingNow(selector);
            assertTrue(connection.ours.isOpen());
        }
    }

    @Test
    void aSelectionThatDoesNotWaitDoesNotCountAsTheNextOne() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            for (int i = 0; i < 2 * HandBack.MOST_REPORTS; i++) {
                selections.selectingNow(selector);
                selector.selectNow();
            }
            assertNotEquals(Back.TOLD, claim.back());
            assertEquals(SelectionKey.OP_READ, key.interestOps());
            selections.selecting(selector);
            assertEquals(Back.TOLD, claim.back());
            assertEquals(0, key.interestOps());
        }
    }

    @Test
    void aWishForTheInputOfAnotherChannelDoesNotCount() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        TcpConnection other = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            ask(other.ours.register(selector, 0));
            selections.selecting(selector);

            assertEquals(0, key.interestOps());
            assertEquals(Back.TOLD, claim.back());
        }
    }

    @Test
    void whereOthersWaitASelectionThatDoesNotWaitClosesNothing() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0);
            selections.selecting(selector);
            selector.selectNow();
            Claim claim = claim(connection);
            assertTrue(claim.closeInSelection());
            selections.selectingNow(selector);
            assertTrue(connection.ours.isOpen());
            selections.selecting(selector);
            assertFalse(connection.ours.isOpen());
        }
    }

    /** As a selection of another thread does that does not wait, made between the other one's beginning and its wait. */
    @Test
    void aThreadWhoseWakeUpAnotherOneHasTakenIsWokenOnceMore() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0);
            Claim claim = claim(connection);
            assertTrue(claim.closeInSelection());
            assertEquals(0, selector.selectNow());
            var waiting = new Thread(() -> {
                try {
                    selector.select();
                    selections.selecting(selector);
                    selector.selectNow();
                } catch (IOException impossible) {
                    throw new AssertionError(impossible);
                }
            });
            waiting.start();
            var selectors = new Selectors(selections);
            await("in its selection", () -> selectors.isInSelection(selector));

            claim.close();
            connection.awaitRelease();
            waiting.join();
        }
    }

    @Test
    void whereNoneWaitsItCloses() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0);
            selections.selectingNow(selector);
            selector.selectNow();
            Claim claim = claim(connection);
            assertTrue(claim.closeInSelection());
            selections.selectingNow(selector);
            assertFalse(connection.ours.isOpen());
        }
    }

    /**
     * As the JDK's HttpClient does: its subscriber asks for more between the claim and the close. A selection drops the key of a closed
     * channel without a word, and the subscriber would wait for ever.
     */
    @ParameterizedTest
    @EnumSource
    void anOwnerThatAsksForInputWhileTheCloseWaitsIsToldByItsOwnRead(End end) throws Exception {
        TcpConnection connection = connection(end);
        Loop loop = new Loop(true);
        SelectionKey key = connection.ours.register(loop.selector, 0);
        Claim claim = claim(connection);
        assertTrue(claim.closeInSelection());
        key.interestOps(SelectionKey.OP_READ);
        loop.start();
        connection.awaitRelease();

        assertEquals(List.of(end == End.PEER ? END : "Connection reset"), List.copyOf(loop.readFailures));
    }

    @Test
    void anInterestThatTheOwnerSetsWhenItIsToldIsNotTakenBack() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = reported(connection, selector);
            selector.selectedKeys().clear();
            // What its subscriber has asked for meanwhile.
            ask(key);

            selections.selecting(selector);
            assertEquals(1, selector.select(1_000));
            assertEquals(SelectionKey.OP_READ, key.readyOps());
            assertThrows(IOException.class, () -> connection.ours.read(ByteBuffer.allocate(8)));
        }
    }

    /** Its input was never shut, because its hand-back never began: what puts its close off has to make it ready. */
    @Test
    void whatIsPutOffIsReportedAlsoIfItsPeerIsSilent() throws Exception {
        TcpConnection connection = connection(End.IDLE);
        Loop loop = new Loop(true);
        SelectionKey key = connection.ours.register(loop.selector, 0);
        selections.selecting(loop.selector);
        Claim claim = claim(connection);
        assertTrue(claim.closeInSelection());
        key.interestOps(SelectionKey.OP_READ);
        claim.close();
        assertTrue(claim.wasPutOff() && connection.ours.isOpen());

        loop.start();
        connection.awaitRelease();
        assertEquals(List.of("Connection reset"), List.copyOf(loop.readFailures));
    }

    @Test
    void noCloseIsPutOffUnderPressureOrAtTheEndOfTheAgent() throws Exception {
        for (boolean end : new boolean[] {false, true}) {
            TcpConnection connection = connection(End.BOTH);
            try (Selector selector = Selector.open()) {
                SelectionKey key = connection.ours.register(selector, 0);
                selections.selecting(selector);
                selector.selectNow();
                Claim claim = claim(connection);
                key.interestOps(SelectionKey.OP_READ);
                claim.close();
                assertTrue(claim.wasPutOff());
                if (end) {
                    assertTrue(claim.waitsNoLonger(), "it is to be closed once more");
                } else {
                    claim.hurry();
                }
                claim.close();
                assertFalse(connection.ours.isOpen());
            }
        }
    }

    @Test
    void aCloseApartFromASelectionIsPutOffForAnOwnerThatWaitsForInput() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            selections.selecting(selector);
            selector.selectNow();
            Claim claim = claim(connection);
            assertTrue(claim.closeInSelection());
            key.interestOps(SelectionKey.OP_READ);

            claim.close();
            assertTrue(claim.wasPutOff() && connection.ours.isOpen());
            selections.selecting(selector);
            assertEquals(1, selector.select(1_000), "it is reported");
            selector.selectedKeys().clear();
            claim.close();
            assertTrue(claim.wasPutOff() && connection.ours.isOpen());
            claim.close();
            assertFalse(connection.ours.isOpen(), "an owner that does not read is not waited for a third time");
        }
    }

    @Test
    void whatIsWaitedForNoLongerBeforeTheSelectionIsNotOffered() throws Exception {
        TcpConnection connection = connection(End.IDLE);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = claim(connection);
            claim.handBack();
            claim.endHandBack();
            selections.selecting(selector);

            assertEquals(0, key.interestOps());
            assertEquals(0, selector.selectNow());
        }
    }

    @Test
    void aKeyThatIsCancelledMeanwhileIsNoTrouble() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            Claim claim = claim(connection);
            claim.handBack();
            key.cancel();
            selections.selecting(selector);
            claim.endHandBack();
            claim.close();

            connection.awaitRelease();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSelectorThatIsClosedMeanwhileIsNoTrouble(End end) throws Exception {
        TcpConnection connection = connection(end);
        Selector selector = Selector.open();
        connection.ours.register(selector, 0);
        Claim claim = claim(connection);
        claim.handBack();
        assertTrue(claim.closeInSelection());
        selector.close();
        assertEquals(Back.ASKED, claim.back());
        claim.endHandBack();
        claim.close();

        connection.awaitRelease();
    }

    @Test
    void ofSeveralSelectorsWhicheverSelectsFindsOut() throws Exception {
        TcpConnection connection = connection(End.PEER);
        try (Selector sleeping = Selector.open()) {
            Loop loop = new Loop(true).start();
            connection.ours.register(sleeping, 0);
            connection.ours.register(loop.selector, SelectionKey.OP_WRITE);
            Claim claim = claim(connection);
            claim.handBack();
            await("closed", claim::isClosed);
            assertEquals(List.of(END), List.copyOf(loop.readFailures));

            claim.endHandBack();
            claim.close();
            connection.awaitRelease();
        }
    }

    @Test
    void ofSeveralSelectorsEachLetsGoInItsOwnSelection() throws Exception {
        TcpConnection connection = connection(End.PEER);
        Loop first = new Loop(false).start();
        Loop second = new Loop(false).start();
        connection.ours.register(first.selector, 0);
        connection.ours.register(second.selector, 0);
        Claim claim = claim(connection);
        assertTrue(claim.closeInSelection());

        connection.awaitRelease();
    }

    @Test
    void aChannelInBlockingModeHasNoKeyByWhichItsOwnerCouldBeTold() throws Exception {
        TcpConnection connection = connection(End.PEER);
        connection.ours.configureBlocking(true);
        Claim claim = claim(connection);

        assertEquals(Back.IMPOSSIBLE, claim.handBack());
        assertTrue(claim.notHandedBackBecause().contains("blocking mode"));
        assertFalse(claim.closeInSelection());
        claim.close();
        connection.awaitRelease();
    }

    @Test
    void anOwnerThatHasCancelledItsKeyCannotBeToldByIt() throws Exception {
        TcpConnection connection = connection(End.PEER);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0).cancel();
            Claim claim = claim(connection);

            assertEquals(Back.IMPOSSIBLE, claim.handBack());
            assertEquals("its selection key is cancelled", claim.notHandedBackBecause());
            claim.close();
            connection.awaitRelease();
        }
    }

    @Test
    void aSelectorOfAThreadThatHasEndedIsNeitherAskedNorWaitedFor() throws Exception {
        TcpConnection connection = connection(End.PEER);
        try (Selector selector = Selector.open()) {
            var last = new Thread(() -> selections.selecting(selector));
            last.start();
            last.join();
            connection.ours.register(selector, 0);
            Claim claim = claim(connection);

            assertEquals(Back.IMPOSSIBLE, claim.handBack());
            assertTrue(claim.notHandedBackBecause().contains("no thread selects"));
            assertFalse(claim.closeInSelection());
            claim.close();
            connection.awaitRelease();
        }
    }

    // -- A thread that does not survive it

    /** One selection with the call that the hook makes, whatever is in the ready set before. */
    private int select(Selector selector) throws IOException {
        selections.selecting(selector);
        return selector.selectNow();
    }

    private void selectOnAThreadThatEnds(Selector selector) throws Exception {
        var failed = new AtomicInteger();
        var dying = new Thread(() -> {
            try {
                select(selector);
            } catch (IOException impossible) {
                failed.incrementAndGet();
            }
        });
        dying.start();
        dying.join();
        assertEquals(0, failed.get());
    }

    @Test
    void aThreadThatEndsOverAKeyIsToldOfNoOtherAndNoneIsLeftForTheNextThread() throws Exception {
        TcpConnection first = connection(End.BOTH);
        TcpConnection second = connection(End.BOTH);
        TcpConnection later = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            List<Claim> claims = new ArrayList<>();
            for (TcpConnection each : List.of(first, second)) {
                each.ours.register(selector, 0, ByteBuffer.allocate(8));
                Claim claim = claim(each);
                claim.handBack();
                claims.add(claim);
            }
            selectOnAThreadThatEnds(selector);
            assertEquals(2, selector.selectedKeys().size());
            for (Claim claim : claims) {
                assertEquals(Back.IMPOSSIBLE, claim.back());
                assertTrue(claim.notHandedBackBecause().contains("ended"), claim::notHandedBackBecause);
                claim.endHandBack();
            }

            assertEquals(0, select(selector));
            assertEquals(Set.of(), selector.selectedKeys());
            assertFalse(first.isHeld());
            assertFalse(second.isHeld());
            SelectionKey key = later.ours.register(selector, 0, ByteBuffer.allocate(8));
            assertNotTold(claim(later), "ended", selector, key);
        }
    }

    @Test
    void whatWaitsForASelectionIsNotHandedToTheNextThread() throws Exception {
        TcpConnection first = connection(End.BOTH);
        TcpConnection waiting = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            first.ours.register(selector, 0, ByteBuffer.allocate(8));
            SelectionKey key = waiting.ours.register(selector, 0, ByteBuffer.allocate(8));
            Claim claim = claim(waiting);
            claim(first).handBack();
            var handedBack = new CountDownLatch(1);
            var selected = new CountDownLatch(1);
            // As one that starts its successor before it ends.
            var dying = new Thread(() -> {
                try {
                    select(selector);
                    selected.countDown();
                    handedBack.await();
                } catch (IOException | InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
            });
            dying.start();
            selected.await();
            assertEquals(Back.ASKED, claim.handBack());

            assertEquals(0, select(selector));
            assertEquals(Back.IMPOSSIBLE, claim.back());
            assertTrue(claim.notHandedBackBecause().contains("another thread"), claim::notHandedBackBecause);
            assertEquals(0, key.interestOps());
            assertFalse(first.isHeld());
            handedBack.countDown();
            dying.join();
            assertNotTold(claim, "ended", selector, key);
        }
    }

    @Test
    void aThreadThatEndsLongAfterItSurvivedIsNoReason() throws Exception {
        TcpConnection first = connection(End.BOTH);
        TcpConnection later = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            first.ours.register(selector, 0);
            claim(first).handBack();
            var surviving = new Thread(() -> {
                try {
                    select(selector);
                    select(selector);
                } catch (IOException impossible) {
                    throw new AssertionError(impossible);
                }
            });
            surviving.start();
            surviving.join();
            select(selector);

            later.ours.register(selector, 0);
            assertEquals(Back.ASKED, claim(later).handBack());
        }
    }

    @Test
    void aThreadThatClosesTheChannelAndEndsHasDoneItsWork() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0);
            Claim claim = claim(connection);
            claim.handBack();
            selectOnAThreadThatEnds(selector);
            connection.ours.close();

            assertNotEquals(Back.IMPOSSIBLE, claim.back());
        }
    }

    // -- Attachments

    enum Taken {
        OFF(null),
        MARKED("closed"),
        BY_A_MARK_OF_NO_TYPE(new Object());

        final Object instead;

        Taken(Object instead) {
            this.instead = instead;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKeyWhoseAttachmentIsTakenAwayAfterTheHalfCloseIsNotHandedBack(Taken taken) throws Exception {
        TcpConnection connection = connection(End.IDLE);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            SocketHandle handle = stack.handle(connection.ours);
            handle.halfClosed(connection.ours);
            key.attach(taken.instead);
            Claim claim = claim(handle);

            assertNotTold(claim, "attachment", selector, key);
            assertTrue(claim.closeInSelection());
            selections.selecting(selector);
            selector.selectNow();
            assertFalse(connection.isHeld());
        }
    }

    @Test
    void soIsOneWhoseAttachmentWasSeenByALook() throws Exception {
        TcpConnection connection = connection(End.PEER);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            SocketHandle handle = stack.handle(connection.ours);
            handle.snapshot();
            connection.ours.register(selector, 0);

            assertNotTold(claim(handle), "removed the attachment of its selection key", selector, key);
        }
    }

    @Test
    void soIsOneWhoseAttachmentWasSeenWhileAllWasWell() throws Exception {
        TcpConnection connection = TcpConnection.open();
        toClose.add(connection);
        connection.ours.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            SocketHandle handle = stack.handle(connection.ours);
            assertEquals(SocketHandle.QuickCheck.FINE, handle.quickCheck());
            key.attach(null);
            connection.peer.shutdownOutput();
            await("peer closed", () -> handle.snapshot().tcpState() == TcpState.CLOSE_WAIT);

            assertNotTold(claim(handle), "removed the attachment of its selection key", selector, key);
        }
    }

    @Test
    void soIsOneWithoutAttachmentAmongOthersThatHaveOne() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        TcpConnection other = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            SelectionKey served = other.ours.register(selector, 0, "client");

            assertNotTold(claim(connection), "other connections", selector, key);
            // What the loop dispatches on does not change with its clients.
            served.cancel();
            selector.selectNow();
            TcpConnection later = connection(End.BOTH);
            assertNotTold(claim(later), "other connections", selector, later.ours.register(selector, 0));
        }
    }

    @Test
    void soIsOneWithoutAttachmentThatWasHalfClosedBeforeTheAgentCouldSeeIt() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);

            assertNotTold(claim(stack.handle(connection.ours)), "before the agent", selector, key);
        }
    }

    private void assertNotTold(Claim claim, String why, Selector selector, SelectionKey key) throws IOException {
        assertEquals(Back.IMPOSSIBLE, claim.handBack());
        assertTrue(claim.notHandedBackBecause().contains(why), claim::notHandedBackBecause);
        selections.selecting(selector);
        assertEquals(0, selector.selectNow());
        assertEquals(0, key.interestOps());
    }

    @Test
    void whereConnectionsHaveNoAttachmentTheyAreHandedBack() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        TcpConnection other = connection(End.BOTH);
        try (Selector selector = Selector.open();
                ServerSocketChannel server = TcpConnection.listen()) {
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT, "acceptor");
            other.ours.register(selector, 0);
            connection.ours.register(selector, 0);
            SocketHandle handle = stack.handle(connection.ours);
            handle.halfClosed(connection.ours);
            Claim claim = claim(handle);

            assertEquals(Back.ASKED, claim.handBack());
            selections.selecting(selector);
            assertEquals(1, selector.selectNow());
        }
    }

    @Test
    void aKeyThatHasKeptItsAttachmentIsHandedBack() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            SocketHandle handle = stack.handle(connection.ours);
            handle.halfClosed(connection.ours);
            key.attach(new StringBuilder("a closing connection"));
            Claim claim = claim(handle);

            assertEquals(Back.ASKED, claim.handBack());
            selections.selecting(selector);
            assertEquals(1, selector.selectNow());
        }
    }

    @Test
    void anAttachmentThatIsTakenAwayBeforeTheSelectionEndsIt() throws Exception {
        TcpConnection connection = connection(End.BOTH);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0, ByteBuffer.allocate(8));
            Claim claim = claim(connection);
            assertEquals(Back.ASKED, claim.handBack());
            key.attach(null);
            selections.selecting(selector);

            assertEquals(0, selector.selectNow());
            assertEquals(0, key.interestOps());
            assertEquals(Back.IMPOSSIBLE, claim.back());
            assertTrue(claim.notHandedBackBecause().contains("removed the attachment of its selection key"));
        }
    }

    @Test
    void aThreadThatReadsIsNotWaitedForInASelection() throws Exception {
        TcpConnection connection = connection(End.PEER);
        try (Selector selector = Selector.open()) {
            connection.ours.register(selector, 0);
            Claim claim = claim(connection);
            claim.closeInSelection();
            var lock = stack.fields().writeLock(connection.ours);
            var letGo = new CountDownLatch(1);
            var writer = new Thread(() -> {
                lock.lock();
                try {
                    letGo.await();
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                } finally {
                    lock.unlock();
                }
            });
            writer.start();
            try {
                await("locked", lock::isLocked);
                selections.selecting(selector);
                assertTrue(connection.ours.isOpen());
            } finally {
                letGo.countDown();
                writer.join();
            }
        }
    }

    /** It is closed later by a thread of the agent, as all others are: the loop may walk through the keys at that time. */
    @Test
    void aChannelThatWasInUseWhenItsTurnCameIsClosedWhereNoWalkMeetsItsKeyCancelled() throws Exception {
        var cancelled = new AtomicInteger();
        for (int i = 0; i < 50; i++) {
            TcpConnection connection = connection(End.PEER);
            try (Selector selector = Selector.open()) {
                connection.ours.register(selector, 0);
                Claim claim = claim(connection);
                claim.closeInSelection();
                var over = new AtomicBoolean();
                var walking = new CountDownLatch(1);
                var lock = stack.fields().writeLock(connection.ours);
                var loop = new Thread(() -> {
                    lock.lock();
                    selections.selecting(selector);
                    lock.unlock();
                    while (!over.get()) {
                        for (SelectionKey key : selector.keys()) {
                            cancelled.addAndGet(key.isValid() ? 0 : 1);
                        }
                        walking.countDown();
                        LockSupport.parkNanos(20_000);
                    }
                });
                loop.start();
                try {
                    walking.await();
                    assertTrue(connection.ours.isOpen());
                    claim.close();
                    assertFalse(connection.isHeld());
                } finally {
                    over.set(true);
                    loop.join();
                }
            }
        }
        assertEquals(0, cancelled.get());
    }

    @Test
    void atTheEndOfTheAgentSuchAChannelIsNotLeftToAnotherSelection() throws Exception {
        TcpConnection connection = connection(End.PEER);
        // one that makes no walk: at the end of the agent it may meet a cancelled key
        Loop loop = new Loop(true);
        connection.ours.register(loop.selector, 0);
        Claim claim = claim(connection);
        assertTrue(claim.closeInSelection());
        var lock = stack.fields().writeLock(connection.ours);
        lock.lock();
        selections.selecting(loop.selector);
        lock.unlock();
        loop.start();
        await("a selection", () -> loop.offeredFirst >= 0);
        claim.waitsNoLonger();
        claim.close();

        assertFalse(connection.ours.isOpen());
        connection.awaitRelease();
    }

    @Test
    void aThreadThatSelectsIsNotHeldUpByManyAndOneSelectionAfterTheOtherClosesThemAll() throws Exception {
        var connections = new ArrayList<TcpConnection>();
        Loop loop = new Loop(false);
        for (int i = 0; i < MANY; i++) {
            TcpConnection connection = TcpConnection.open();
            toClose.add(connection);
            connections.add(connection);
            connection.ours.configureBlocking(false);
            connection.ours.register(loop.selector, 0);
        }
        var claims = new ArrayList<Claim>();
        for (TcpConnection connection : connections) {
            Claim claim = claim(connection);
            claims.add(claim);
            claim.handBack();
        }
        loop.start();
        await("first selection", () -> loop.offeredFirst >= 0);
        assertTrue(
                loop.offeredFirst > 0 && loop.offeredFirst <= SelectorWork.MOST_BACKS,
                () -> loop.offeredFirst + " at once");
        await("all told", () -> claims.stream().allMatch(claim -> claim.back() == Back.TOLD));
        claims.forEach(Claim::closeInSelection);
        for (TcpConnection connection : connections) {
            connection.awaitRelease();
        }
        assertTrue(loop.iterations.get() < MANY / 4, () -> loop.iterations + " iterations");
    }

    @Test
    void aWakeUpThatComesWhenItsTaskHasAlreadyRunIsNotTheLastOne() throws Exception {
        TcpConnection connection = connection(End.PEER);
        try (Selector selector = Selector.open()) {
            SelectionKey key = connection.ours.register(selector, 0);
            var work = new SelectorWork(Clock.SYSTEM);
            work.addClose(key, inSelection -> false);
            // Somebody else runs it, as a selection does that begins between the task's arrival and its wake-up.
            work.take(each -> false).forEach(each -> SelectorWork.run(each, false));
            selector.selectNow();
            work.selecting(selector, true);

            work.addClose(key, inSelection -> false);
            long start = System.nanoTime();
            selector.select(20_000);
            assertTrue(System.nanoTime() - start < 10_000_000_000L, "not woken");
        }
    }

    /** The thread that has closed it may walk through the selector's keys before its next selection. */
    @Test
    void aChannelThatItsLoopHasClosedIsFlushedAndTheOthersOfItsSelectorStay() throws Exception {
        TcpConnection closed = connection(End.PEER);
        TcpConnection other = connection(End.PEER);
        try (Selector selector = Selector.open()) {
            closed.ours.register(selector, 0);
            SelectionKey key = other.ours.register(selector, 0);
            Claim claim = claim(closed);
            Claim waiting = claim(other);
            assertTrue(claim.closeInSelection());
            assertTrue(waiting.closeInSelection());
            closed.ours.close();
            claim.close();

            assertFalse(closed.isHeld());
            assertTrue(key.isValid());
            assertEquals(Set.of(key), selector.keys());
            waiting.close();
            assertFalse(other.isHeld());
        }
    }

    @Test
    void oneFlushServesAllChannelsOfASelectorThatNobodySelectsOn() throws Exception {
        var connections = new ArrayList<TcpConnection>();
        try (Selector selector = Selector.open()) {
            var claims = new ArrayList<Claim>();
            for (int i = 0; i < 50; i++) {
                TcpConnection connection = connection(End.PEER);
                connections.add(connection);
                connection.ours.register(selector, 0);
                Claim claim = claim(connection);
                claims.add(claim);
                assertTrue(claim.closeInSelection());
            }
            claims.get(17).close();

            assertTrue(connections.stream().noneMatch(TcpConnection::isHeld));
            assertTrue(claims.stream().allMatch(Claim::mayBeGone));
        }
    }
}
