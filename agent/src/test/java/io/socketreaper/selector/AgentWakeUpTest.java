package io.socketreaper.selector;

import static io.socketreaper.stack.TcpConnection.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real selectors that are not woven: there every selection that was woken returns 0. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AgentWakeUpTest {
    private static boolean isWokenByOthers(Selector selector) throws ReflectiveOperationException {
        Field flag = selector.getClass().getDeclaredField("interruptTriggered");
        flag.setAccessible(true);
        return flag.getBoolean(selector);
    }

    @Test
    void endsTheNextSelectionWithoutBeingTakenForTheApplications() throws Exception {
        try (var selector = Selector.open()) {
            AgentWakeUp.wake(selector);
            AgentWakeUp.wake(selector);
            assertFalse(isWokenByOthers(selector));
            assertEquals(0, selector.select());
            long start = System.nanoTime();
            assertEquals(0, selector.select(50), "both at once");
            assertTrue(System.nanoTime() - start >= 50_000_000);
        }
    }

    @Test
    void endsTheSelectionThatIsUnderWay() throws Exception {
        try (var selector = Selector.open()) {
            var selecting = new FutureTask<>(selector::select);
            var thread = new Thread(selecting, "selecting");
            thread.start();
            await(
                    "waiting",
                    () -> java.util.Arrays.stream(thread.getStackTrace())
                            .anyMatch(frame -> frame.getMethodName().equals("lockAndDoSelect")));
            AgentWakeUp.wake(selector);
            assertEquals(0, selecting.get());
        }
    }

    @Test
    void theApplicationsOwnIsSeenBeforeAndAfterIt() throws Exception {
        try (var selector = Selector.open()) {
            AgentWakeUp.wake(selector);
            selector.wakeup();
            assertTrue(isWokenByOthers(selector));
            assertEquals(0, selector.select());
            assertFalse(isWokenByOthers(selector));
            selector.wakeup();
            AgentWakeUp.wake(selector);
            assertTrue(isWokenByOthers(selector));
            assertEquals(0, selector.select());
        }
    }

    /** The number of its descriptor may be another's by then. */
    @Test
    void aClosedSelectorIsNotWrittenTo() throws Exception {
        var selector = Selector.open();
        selector.close();
        assertTrue(isWokenByOthers(selector));
        try (var other = Selector.open()) {
            AgentWakeUp.wake(selector);
            assertEquals(0, other.selectNow());
            long start = System.nanoTime();
            assertEquals(0, other.select(50));
            assertTrue(System.nanoTime() - start >= 50_000_000);
        }
    }

    @Test
    void aSelectorOfAnotherKindIsWokenAsTheApplicationWould() throws Exception {
        var constructor = Class.forName("sun.nio.ch.PollSelectorProvider").getDeclaredConstructor();
        constructor.setAccessible(true);
        try (var selector = ((SelectorProvider) constructor.newInstance()).openSelector()) {
            AgentWakeUp.wake(selector);
            assertTrue(isWokenByOthers(selector));
            assertEquals(0, selector.select());
        }
    }
}
