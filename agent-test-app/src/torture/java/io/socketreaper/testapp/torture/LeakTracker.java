package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.SocketDescriptors;
import io.socketreaper.testapp.torture.Application.Word;
import io.socketreaper.testapp.torture.Step.Loss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The leaks of the application by inode, and whether each is still there. Thread-safe. */
final class LeakTracker {
    /** The most leaks that are kept; then the application closes the oldest. */
    private static final int MOST = 150;

    private static final long LOOK_MILLIS = 100;
    private static final int LOOKS_PER_COLLECTION = 20;
    /** Beyond the timeout. An overloaded machine is late, and a drain waits for its peer. */
    private static final long PATIENCE_MILLIS = 20_000;

    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Conditions conditions;
    private final List<Leaked> held = new ArrayList<>();
    private final Map<Integer, Leaked> leaving = new HashMap<>();
    private int released;
    private int refused;
    private int closed;
    private long slowest;

    /** @param actor null if the application has given up the object */
    private record Leaked(Plan plan, String link, Actor actor, long since) {
        boolean isDue(Conditions conditions) {
            return plan.due().under(conditions);
        }

        @Override
        public String toString() {
            return plan.number() + " " + plan.stack() + " " + plan.story() + " " + plan.loss() + " " + link
                    + ", leaked " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since) + " ms ago";
        }
    }

    LeakTracker(Conditions conditions) {
        this.conditions = conditions;
        var thread = new Thread(this::watch, "leaks");
        thread.setDaemon(true);
        thread.start();
    }

    synchronized void add(Plan plan, String link, Actor actor) throws IOException {
        held.add(new Leaked(plan, link, actor, System.nanoTime()));
        if (held.size() > MOST) {
            var oldest = held.stream().filter(leaked -> leaked.actor != null).findFirst();
            if (oldest.isPresent()) {
                held.remove(oldest.get());
                leave(oldest.get());
            } else {
                AbandonedSelectors.closeAll();
            }
        }
    }

    /** Its peer goes first, so that it takes no close of ours for an end. */
    private void leave(Leaked leaked) {
        leaving.put(leaked.plan.number(), leaked);
        Application.say(Word.LEAVING, Integer.toString(leaked.plan.number()));
    }

    /** Its peer has gone: the application closes it after all. */
    synchronized void close(int number) {
        closed++;
        leaving.remove(number).actor.close();
        notifyAll();
    }

    private void watch() {
        try {
            for (int look = 0; ; look++) {
                Thread.sleep(LOOK_MILLIS);
                if (look % LOOKS_PER_COLLECTION == 0) {
                    // Only what is collected can be found dropped.
                    System.gc();
                }
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            Application.say(Word.TROUBLE, "the descriptors cannot be listed: " + e);
        }
    }

    private synchronized void look() throws IOException {
        var sockets = SocketDescriptors.links();
        var gone =
                held.stream().filter(leaked -> !sockets.contains(leaked.link)).toList();
        held.removeAll(gone);
        for (var leaked : gone) {
            released++;
            slowest = Math.max(slowest, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - leaked.since));
            if (leaked.actor != null) {
                comeBack(leaked);
            }
            Application.say(Word.OVER, Integer.toString(leaked.plan.number()));
        }
    }

    /** The application reads a socket that was released: it must fail, or end where it really ended. */
    private void comeBack(Leaked leaked) {
        try {
            leaked.actor.readOn();
            refused++;
        } catch (IOException e) {
            Application.say(Word.TROUBLE, leaked + ": read after its release: " + e);
        }
        leaked.actor.close();
    }

    /** Waits until all leaks that the settings release are gone, and reports those that are not. */
    void awaitRelease() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(conditions.timeout() + PATIENCE_MILLIS);
        while (overdue() > 0 && System.nanoTime() - deadline < 0) {
            Thread.sleep(LOOK_MILLIS);
        }
        synchronized (this) {
            held.stream()
                    .filter(leaked -> leaked.isDue(conditions))
                    .forEach(leaked -> Application.say(
                            Word.TROUBLE,
                            "never released: " + leaked + "; the agent says: " + AgentStatus.about(leaked.link)));
        }
    }

    private synchronized long overdue() {
        return held.stream().filter(leaked -> leaked.isDue(conditions)).count();
    }

    /** The application closes every socket that is left and can still be reached. Another thread must call {@link #close(int)}. */
    synchronized void closeAll() throws IOException, InterruptedException {
        var reachable = held.stream().filter(leaked -> leaked.actor != null).toList();
        held.removeAll(reachable);
        reachable.forEach(this::leave);
        for (long end = System.nanoTime() + CLOSING_NANOS; !leaving.isEmpty() && System.nanoTime() - end < 0; ) {
            wait(LOOK_MILLIS);
        }
        AbandonedSelectors.closeAll();
        held.removeIf(leaked -> leaked.plan.loss() == Loss.CLOSED_ON_DEAD_SELECTOR);
    }

    /** The descriptors that only the agent could have closed, and did not have to. */
    synchronized List<String> left() {
        return held.stream().map(Leaked::link).toList();
    }

    synchronized String figures() {
        return "leaks_gone=" + released + " reads_after_release=" + refused + " closed_after_all=" + closed
                + " longest_leak_ms=" + slowest;
    }
}
