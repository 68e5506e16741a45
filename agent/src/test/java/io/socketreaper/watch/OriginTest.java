package io.socketreaper.watch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.report.Sign;
import java.util.List;
import org.junit.jupiter.api.Test;

class OriginTest {
    private static final String HOOK = "sun.nio.ch.SocketReaperHook";

    @Test
    void theStackBeginsBelowTheHook() {
        StackTraceElement[] application = {frame("sun.nio.ch.SocketChannelImpl"), frame("com.example.Server"),
            frame("java.lang.Thread")};
        StackTraceElement[] all = {frame("io.socketreaper.watch.Watch"), frame("io.socketreaper.agent.Events"), frame(HOOK),
            frame(HOOK), application[0], application[1], application[2]};

        assertArrayEquals(application, origin(all).stack());
    }

    @Test
    void aHookDeepDownIsNotTheOneThatCalled() {
        var all = new StackTraceElement[40];
        for (int i = 0; i < all.length; i++) {
            all[i] = frame(i == 30 ? HOOK : "com.example.Frame" + i);
        }

        assertArrayEquals(all, origin(all).stack());
    }

    @Test
    void aJvmWithoutStackTracesGivesNone() {
        assertEquals(0, origin().stack().length);
    }

    @Test
    void theStackIsThatOfTheThreadThatCalls() throws Exception {
        var made = new Origin[1];
        var thread = new Thread(() -> made[0] = Origin.halfClosed(), "smtp-7");
        thread.start();
        thread.join();

        assertEquals("smtp-7", made[0].thread());
        assertEquals(Sign.HALF_CLOSED, made[0].sign());
        assertTrue(List.of(made[0].stack()).stream().anyMatch(frame -> frame.getClassName().equals(OriginTest.class.getName())));
    }

    @Test
    void isBulkyUntilItsStackIsAskedForAndThenKeepsTheFramesAlone() {
        Origin origin = origin(frame("com.example.Server"));
        assertTrue(origin.isBulky());
        StackTraceElement[] stack = origin.stack();

        assertFalse(origin.isBulky());
        assertSame(stack, origin.stack());
        StackTraceElement[] same = stack.clone();
        origin.shareStack(same);
        assertSame(same, origin.stack());
    }

    @Test
    void whatWasNotSeenHasNoStackAndSaysWhy() {
        for (Origin origin : List.of(Origin.NOT_SAMPLED, Origin.BEFORE_ATTACH)) {
            assertFalse(origin.isBulky());
            assertEquals(0, origin.stack().length);
            assertEquals("", origin.thread());
        }
        assertEquals(Sign.OPENED_NOT_SAMPLED, Origin.NOT_SAMPLED.sign());
        assertEquals(Sign.BEFORE_ATTACH, Origin.BEFORE_ATTACH.sign());
    }

    private static Origin origin(StackTraceElement... stack) {
        var trace = new Throwable();
        trace.setStackTrace(stack);
        return new Origin(Sign.HALF_CLOSED, "main", trace);
    }

    private static StackTraceElement frame(String type) {
        return new StackTraceElement(type, "shutdownOutput", "File.java", 1);
    }
}
