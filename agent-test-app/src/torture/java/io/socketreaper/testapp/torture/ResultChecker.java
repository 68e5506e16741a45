package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.SideResult.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Checks the results of both sides of each connection against its plan, and counts them. Thread-safe. */
final class ResultChecker {
    private final Map<Integer, List<SideResult>> open = new HashMap<>();
    private final Map<String, Map<String, Integer>> results = new TreeMap<>();
    private final List<String> harm = new ArrayList<>();
    private long bytes;
    private int connections;

    /**
     * Takes one side's result; checks the connection when the results of all sides are there. @return whether the connection is
     * over
     */
    synchronized boolean told(Plan plan, SideResult result) {
        bytes += result.received();
        var sides = open.computeIfAbsent(plan.number(), number -> new ArrayList<>());
        sides.add(result);
        if (sides.size() < (plan.relays() ? 3 : 2)) {
            return false;
        }
        open.remove(plan.number());
        judge(plan, sides);
        return true;
    }

    private void judge(Plan plan, List<SideResult> sides) {
        var app = sides.stream()
                .filter(side -> side.role().equals("app"))
                .findFirst()
                .orElseThrow();
        if (app.kind() == Kind.FAILED && !plan.rude() && !app.touchable()) {
            harm(plan, app);
        }
        for (var side : sides) {
            if (side.kind() == Kind.FORGED && (side == app || !mayEnd(plan, app, side))) {
                harm(plan, side);
            }
            if (side != app
                    && side.kind() == Kind.FAILED
                    && !plan.rude()
                    && !app.touchable()
                    && !mayFail(plan, app, side)) {
                harm(plan, side);
            }
        }
        connections++;
        var result =
                switch (app.kind()) {
                    case DONE -> "done";
                    case LEAKED -> "leaked";
                    case FORGED -> "forged";
                    case FAILED -> plan.rude() ? "reset" : app.touchable() ? "refused" : "harmed";
                };
        results.computeIfAbsent(plan.stack().name(), stack -> new TreeMap<>()).merge(result, 1, Integer::sum);
    }

    /** The peer of a leak that was released, once it had all that was sent to it. */
    private static boolean mayFail(Plan plan, SideResult app, SideResult peer) {
        return app.kind() == Kind.LEAKED
                && (peer.received() >= app.sent()
                        || plan.loss() == Step.Loss.DROPPED && plan.stack().isReclaimedByTheJdk());
    }

    /**
     * An application that meets a failure resets its connection; where it cannot, its peer sees the end that it makes. Nor can the
     * agent reset a unix-domain socket: the peer of a leak that was released sees an end, but not before all that was sent.
     */
    private static boolean mayEnd(Plan plan, SideResult app, SideResult peer) {
        return !plan.stack().canReset() && app.kind() == Kind.FAILED
                || plan.stack().isUnix() && app.kind() == Kind.LEAKED && peer.received() == app.sent();
    }

    private void harm(Plan plan, SideResult result) {
        harm.add("connection " + plan.number() + " " + plan.stack() + " " + plan.story()
                + (plan.connects() ? " client" : " server")
                + ": " + result.line().replace('\t', ' ') + "\n    app  " + plan.app() + "\n    peer " + plan.peer()
                + (plan.relays() ? "\n    back " + plan.backend() : ""));
    }

    /** Records another violation. */
    synchronized void trouble(String what) {
        harm.add(what);
    }

    synchronized List<String> harm() {
        return List.copyOf(harm);
    }

    /** Connections of which one side has not reported its result. */
    synchronized List<Integer> unfinished() {
        return open.keySet().stream().sorted().toList();
    }

    synchronized int connections() {
        return connections;
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Connections by stack and result. */
    synchronized Map<String, Map<String, Integer>> results() {
        return new TreeMap<>(results);
    }
}
