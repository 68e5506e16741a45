package io.socketreaper.testapp;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Plays one scenario, watches the descriptors it leaves behind and prints the RESULT line. */
final class ScenarioRunner {
    private static final Duration LOOK_EVERY = Duration.ofMillis(25);
    private static final Duration LINE_EVERY = Duration.ofSeconds(1);
    /** A well-behaved server may still be closing its last sockets when its clients are done. */
    private static final Duration WELL_BEHAVED_WAIT = Duration.ofSeconds(5);
    /** Callbacks of a framework fire a moment after its descriptor is gone. */
    private static final Duration SETTLE = Duration.ofMillis(600);

    private static final int DAMAGE_SHOWN = 20;

    private final Duration wait;
    private final PrintStream out;
    private final long started = System.nanoTime();
    private long lastLine = started;

    ScenarioRunner(Duration wait, PrintStream out) {
        this.wait = wait;
        this.out = out;
    }

    /** True when nothing was damaged. */
    boolean play(Scenario scenario, Run run) throws Exception {
        SocketDescriptors.warmUp();
        int baseline = SocketDescriptors.settled();
        scenario.play(run);
        long storyEnd = System.nanoTime();
        long lastHalfClose = run.halfClosedCount() > 0 ? run.lastHalfCloseNanos() : storyEnd;

        var bound = scenario.leaks() || wait.compareTo(WELL_BEHAVED_WAIT) < 0 ? wait : WELL_BEHAVED_WAIT;
        var stalls = new Stalls(lastHalfClose, LOOK_EVERY);
        int held = held(run, baseline);
        while (held > 0 && System.nanoTime() - storyEnd < bound.toNanos()) {
            showProgress(run, held);
            Thread.sleep(LOOK_EVERY.toMillis());
            held = held(run, baseline);
            stalls.look();
        }
        var released = held > 0
                ? "-"
                : Long.toString(
                        Duration.ofNanos(System.nanoTime() - lastHalfClose).toMillis());
        if (held == 0) {
            Thread.sleep(SETTLE.toMillis());
        }
        run.takeLastLooks();
        run.damage().stream().limit(DAMAGE_SHOWN).forEach(what -> out.println("DAMAGE " + what));
        if (run.damage().size() > DAMAGE_SHOWN) {
            out.println("DAMAGE and " + (run.damage().size() - DAMAGE_SHOWN) + " more");
        }
        out.println(result(scenario, run, held, released, stalls.untilMillis()));
        out.flush();
        return run.damage().isEmpty();
    }

    /** A client that closes between the two looks makes this too high for a moment, never too low. */
    private static int held(Run run, int baseline) throws IOException {
        int descriptors = SocketDescriptors.count();
        return Math.max(0, descriptors - run.openPeersCount() - baseline);
    }

    private void showProgress(Run run, int held) {
        long now = System.nanoTime();
        if (now - lastLine >= LINE_EVERY.toNanos()) {
            lastLine = now;
            out.printf(Locale.ROOT, "%5.1fs held=%d %s%n", (now - started) / 1e9, held, counts(run));
            out.flush();
        }
    }

    private static String result(Scenario scenario, Run run, int held, String released, long stalledUntil) {
        var line = new StringBuilder("RESULT scenario=" + scenario.name());
        line.append(" opened=")
                .append(run.openedCount())
                .append(" held=")
                .append(held)
                .append(' ');
        line.append(peers(run)).append(" intact=").append(run.damage().isEmpty() ? "yes" : "no");
        line.append(" released_after_ms=")
                .append(released)
                .append(" stalled_until_ms=")
                .append(stalledUntil);
        run.extras()
                .forEach((name, value) ->
                        line.append(' ').append(name).append('=').append(value.get()));
        return line.toString();
    }

    private static String counts(Run run) {
        return "opened=" + run.openedCount() + ' ' + peers(run);
    }

    private static String peers(Run run) {
        return "replies_complete=" + run.repliesCompleteCount() + " peer_eof=" + run.peerEofCount() + " peer_reset="
                + run.peerResetCount();
    }
}
