package io.socketreaper.testapp.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** The agent's settings in one round. Milliseconds. */
record Conditions(String action, String doubtful, String track, int timeout, int silent) {
    private static final List<Integer> TIMEOUTS = List.of(100, 150, 300, 500, 1000, 2000, 3000);
    private static final List<String> ACTIONS = List.of("log", "drain", "close");

    /** What is not given is chosen. */
    static Conditions choose(RandomGenerator random, Conditions given) {
        // All choices are made, so that one that is given does not change the others.
        var action = ACTIONS.get(random.nextInt(ACTIONS.size()));
        var doubtful = random.nextBoolean() ? "log" : "drain";
        var track = random.nextBoolean() ? "half-closed" : "all";
        int timeout = TIMEOUTS.get(random.nextInt(TIMEOUTS.size()));
        boolean silentSoon = random.nextBoolean();
        timeout = given.timeout > 0 ? given.timeout : timeout;
        return new Conditions(
                given.action != null ? given.action : action,
                given.doubtful != null ? given.doubtful : doubtful,
                given.track != null ? given.track : track,
                timeout,
                given.silent > 0 ? given.silent : silentSoon ? timeout : 600_000);
    }

    boolean tracksAll() {
        return track.equals("all");
    }

    boolean releases() {
        return !action.equals("log");
    }

    boolean releasesDoubtful() {
        return !doubtful.equals("log");
    }

    /** The agent's arguments. */
    String arguments(List<String> more) {
        var all = new ArrayList<>(List.of(
                "action=" + action,
                "timeout=" + timeout + "ms",
                "track=" + track,
                "doubtful.action=" + doubtful,
                "silent.timeout=" + silent + "ms",
                "drain-idle=300ms"));
        all.addAll(more);
        return String.join(",", all);
    }

    /** As one argument of the application's command line. */
    String text() {
        return String.join("/", action, doubtful, track, Integer.toString(timeout), Integer.toString(silent));
    }

    static Conditions of(String text) {
        var parts = text.split("/");
        return new Conditions(parts[0], parts[1], parts[2], Integer.parseInt(parts[3]), Integer.parseInt(parts[4]));
    }
}
