package io.socketreaper.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.socketreaper.control.Receivers;
import io.socketreaper.report.Leaks;
import io.socketreaper.report.Outcome;
import io.socketreaper.report.ReportText;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Listeners without an agent; {@code ListenerIT} has one. */
class ListenersTest {
    private final Listeners listeners = new Listeners();
    private final LinkedBlockingQueue<LeakReport> heard = new LinkedBlockingQueue<>();

    private static Map<String, Object> leak(String site) {
        var map = new HashMap<>(Receivers.map(Leaks.leak(Leaks.PEER_CLOSED), new Outcome.Logged(), new ReportText(3)));
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
}
