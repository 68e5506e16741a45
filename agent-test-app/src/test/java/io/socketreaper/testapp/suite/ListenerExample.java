package io.socketreaper.testapp.suite;

import io.socketreaper.api.LeakReport;
import io.socketreaper.api.SocketReaper;
import java.util.concurrent.atomic.AtomicLong;

/** The example of docs/listener.md. */
final class ListenerExample {
    private final AtomicLong leaks = new AtomicLong();

    void watchMyself() throws Exception {
        try (var registration = SocketReaper.onLeak(this::leaked)) {
            serve();
        }
    }

    private void leaked(LeakReport leak) {
        leaks.incrementAndGet();
        if (leak.outcome().equals("given-up")) {
            alarm("site " + leak.site() + " at " + leak.location(), leak.text());
        }
    }

    private void serve() throws Exception {
        // the application
    }

    private void alarm(String subject, String text) {
        System.err.println(subject + "\n" + text);
    }
}
