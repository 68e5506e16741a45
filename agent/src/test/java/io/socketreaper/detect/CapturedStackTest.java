package io.socketreaper.detect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.leak.StackOrigin;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapturedStackTest {
    private static final String HOOK = "sun.nio.ch.SocketReaperHook";

    @Test
    void theStackBeginsBelowTheHook() {
        StackTraceElement[] application = {
            frame("sun.nio.ch.SocketChannelImpl"), frame("com.example.Server"), frame("java.lang.Thread")
        };
        StackTraceElement[] all = {
            frame("io.socketreaper.detect.Detector"),
            frame("io.socketreaper.runtime.HookEvents"),
            frame(HOOK),
            frame(HOOK),
            application[0],
            application[1],
            application[2]
        };

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
        var made = new CapturedStack[1];
        var thread = new Thread(() -> made[0] = CapturedStack.halfClosed(), "smtp-7");
        thread.start();
        thread.join();

        assertEquals("smtp-7", made[0].thread());
        assertEquals(StackOrigin.HALF_CLOSED, made[0].stackOrigin());
        assertTrue(List.of(made[0].stack()).stream()
                .anyMatch(frame -> frame.getClassName().equals(CapturedStackTest.class.getName())));
    }

    @Test
    void isBulkyUntilItsStackIsAskedForAndThenKeepsTheFramesAlone() {
        CapturedStack origin = origin(frame("com.example.Server"));
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
        for (CapturedStack origin : List.of(CapturedStack.NOT_SAMPLED, CapturedStack.BEFORE_ATTACH)) {
            assertFalse(origin.isBulky());
            assertEquals(0, origin.stack().length);
            assertEquals("", origin.thread());
        }
        assertEquals(StackOrigin.OPENED_NOT_SAMPLED, CapturedStack.NOT_SAMPLED.stackOrigin());
        assertEquals(StackOrigin.BEFORE_ATTACH, CapturedStack.BEFORE_ATTACH.stackOrigin());
    }

    private static CapturedStack origin(StackTraceElement... stack) {
        var trace = new Throwable();
        trace.setStackTrace(stack);
        return new CapturedStack(StackOrigin.HALF_CLOSED, "main", trace);
    }

    private static StackTraceElement frame(String type) {
        return new StackTraceElement(type, "shutdownOutput", "File.java", 1);
    }
}
