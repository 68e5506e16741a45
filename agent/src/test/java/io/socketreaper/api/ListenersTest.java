package io.socketreaper.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.control.LeakReceivers;
import io.socketreaper.leak.Outcome;
import io.socketreaper.report.Leaks;
import io.socketreaper.report.ReportText;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Listeners without an agent; {@code ListenerIT} has one. */
class ListenersTest {
    private final Listeners listeners = new Listeners();
    private final LinkedBlockingQueue<LeakReport> heard = new LinkedBlockingQueue<>();

    private static Map<String, Object> leak(String site) {
        var map = new HashMap<>(
                LeakReceivers.map(Leaks.leak(Leaks.PEER_CLOSED), new Outcome.Logged(), new ReportText(3)));
        map.put("site", site);
        return map;
    }

    private void hears(String site) throws InterruptedException {
        assertEquals(site, heard.poll(10, TimeUnit.SECONDS).site());
    }

    @Test
    void aListenerThatThrowsHearsTheNextOne() throws InterruptedException {
        try (var registration = listeners.add(report -> {
            heard.add(report);
            throw new IllegalStateException("of a listener");
        })) {
            listeners.accept(leak("1"));
            listeners.accept(leak("2"));
            hears("1");
            hears("2");
        }
    }

    @Test
    void aReportOfAnotherVersionCostsThatReportOnly() throws InterruptedException {
        try (var registration = listeners.add(heard::add)) {
            listeners.accept(Map.of("kind", "half-closed"));
            listeners.accept(leak("2"));
            hears("2");
        }
    }

    /** The agent's thread neither waits for them nor says anything itself. */
    @Test
    void theOldestReportsAreDroppedWhileAListenerIsHeldUpAndTheirNumberIsSaidAfterwards() throws Exception {
        var busy = new Semaphore(0);
        var goOn = new Semaphore(0);
        var before = System.err;
        var said = new LinkedBlockingQueue<String>();
        System.setErr(new PrintStream(OutputStream.nullOutputStream()) {
            @Override
            public void println(String line) {
                said.add(Thread.currentThread().getName() + ": " + line);
            }
        });
        try (var registration = listeners.add(report -> {
            busy.release();
            goOn.acquireUninterruptibly();
            heard.add(report);
        })) {
            listeners.accept(leak("first"));
            busy.acquire();
            for (int i = 0; i < Listeners.MOST_WAITING + 7; i++) {
                listeners.accept(leak(Integer.toString(i)));
            }
            String first = said.poll(10, TimeUnit.SECONDS);
            assertTrue(
                    first.startsWith(
                            "socket-reaper-listeners: [socket-reaper] listeners are too slow: more than 1000 "),
                    first);
            goOn.release(2 * Listeners.MOST_WAITING);

            hears("first");
            for (int i = 7; i < Listeners.MOST_WAITING + 7; i++) {
                hears(Integer.toString(i));
            }
            assertEquals(
                    "socket-reaper-listeners: [socket-reaper] 7 reports were dropped because the listeners were too slow",
                    said.poll(10, TimeUnit.SECONDS));
        } finally {
            System.setErr(before);
        }
    }
}
