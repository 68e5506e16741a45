package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.thread.DaemonThreads;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LivingThreadsTest {
    @Test
    void aThreadOfTheAgentsThatDoesNotEndIsNamedAndTheListenersIsNotOneOfThem() throws InterruptedException {
        var end = new CountDownLatch(1);
        var stuck = new DaemonThreads("socket-reaper-gc").newThread(() -> await(end));
        var listeners = new DaemonThreads("socket-reaper-listeners").newThread(() -> await(end));
        stuck.start();
        listeners.start();
        try {
            assertEquals(List.of("socket-reaper-gc"), AgentThreads.living(0));
        } finally {
            end.countDown();
        }
        assertEquals(List.of(), AgentThreads.living(20_000));
    }

    private static void await(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
