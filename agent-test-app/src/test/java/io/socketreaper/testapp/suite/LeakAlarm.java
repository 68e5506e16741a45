package io.socketreaper.testapp.suite;

import io.socketreaper.api.LeakReport;
import io.socketreaper.api.SocketReaper;
import java.util.concurrent.atomic.AtomicLong;

/** The example of docs/listener.md. */
public final class LeakAlarm {
    private final AtomicLong leaks = new AtomicLong();

    public static void main(String[] arguments) throws InterruptedException {
        var alarm = new LeakAlarm();
        try (var registration = SocketReaper.onLeak(alarm::leaked)) {
            Thread.sleep(60_000); // here your program does its work
        }
        System.out.println(alarm.leaks + " leaks");
    }

    private void leaked(LeakReport leak) {
        leaks.incrementAndGet();
        if (leak.outcome().equals("given-up")) {
            System.err.println("site " + leak.site() + " at " + leak.location() + System.lineSeparator() + leak.text());
        }
    }
}
