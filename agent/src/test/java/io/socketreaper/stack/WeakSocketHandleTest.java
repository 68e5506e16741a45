package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.model.SocketSnapshot;
import java.net.StandardSocketOptions;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** How seldom a socket that is well is reached for: whoever is, cannot be collected by a collector that is just marking. */
class WeakSocketHandleTest {
    /** Counts the looks at the object itself. */
    private static final class Counting extends WeakSocketHandle {
        private int looks;

        Counting(SocketChannel channel) {
            this(channel, false);
        }

        /** @param noted true for a channel that was opened and that the agent has not looked at */
        Counting(SocketChannel channel, boolean noted) {
            super(TcpConnection.stack(), channel, false);
            var stack = TcpConnection.stack();
            if (noted) {
                note(stack.fields().fd(channel), stack.numberOf(channel));
                return;
            }
            remember(stack.fields().fd(channel), stack.numberOf(channel), false, stack.endpoints(channel));
        }

        @Override
        public QuickCheck quickCheck(Object socket) {
            looks++;
            return QuickCheck.FINE;
        }

        @Override
        public SocketSnapshot snapshot(Object socket) {
            throw new AssertionError("no long look was asked for");
        }

        @Override
        public Claim claim(Object socket, Predicate<SocketSnapshot> leaked) {
            throw new AssertionError("no claim was asked for");
        }

        private int looksOf(int quickChecks) {
            looks = 0;
            for (int i = 0; i < quickChecks; i++) {
                quickCheck();
            }
            return looks;
        }
    }

    @Test
    void aConnectionThatIsWellIsHardlyEverReachedFor() throws Exception {
        try (var connection = TcpConnection.open()) {
            assertEquals(1, new Counting(connection.ours).looksOf(WeakSocketHandle.FULL_CHECK));
        }
    }

    @Test
    void oneThatEitherSideHasEndedAlwaysIs() throws Exception {
        try (var connection = TcpConnection.open()) {
            connection.ours.shutdownOutput();
            assertEquals(10, new Counting(connection.ours).looksOf(10));
        }
        try (var connection = TcpConnection.open()) {
            connection.peer.shutdownOutput();
            var counting = new Counting(connection.ours);
            TcpConnection.await("the peer's end", () -> counting.looksOf(1) == 1);
            assertEquals(10, counting.looksOf(10));
        }
    }

    /** The JDK sends no FIN then. */
    @Test
    void oneThatWasClosedAbortivelyWhileASelectorHoldsItIsFoundInTheEnd() throws Exception {
        try (var connection = TcpConnection.open();
                var selector = Selector.open()) {
            assertEquals(SocketHandle.QuickCheck.FINE, connection.handle.quickCheck());
            connection.ours.setOption(StandardSocketOptions.SO_LINGER, 0);
            connection.ours.configureBlocking(false);
            connection.ours.register(selector, 0);
            connection.ours.close();
            int quickChecks = 1;
            while (connection.handle.quickCheck() == SocketHandle.QuickCheck.FINE) {
                quickChecks++;
            }
            assertEquals(WeakSocketHandle.FULL_CHECK, quickChecks);
        }
    }

    /** Then it may be another's, whose number is the same. */
    @Test
    void anInodeThatIsFoundOnlyOnceTheObjectIsGoneIsLate() throws Exception {
        try (var connection = TcpConnection.open()) {
            var noted = new Counting(connection.ours, true);
            noted.clear();
            assertEquals(SocketHandle.QuickCheck.SIGN, noted.fullCheck());
            assertTrue(noted.isInodeLate());

            var remembered = new Counting(connection.ours);
            remembered.clear();
            assertEquals(SocketHandle.QuickCheck.SIGN, remembered.fullCheck());
            assertFalse(remembered.isInodeLate());
            assertEquals(noted.inode(), remembered.inode());
        }
    }
}
