package io.socketreaper.testapp.torture;

import io.socketreaper.testapp.torture.Fate.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Knows what each side of each connection must have seen, and counts what became of them. Guards itself. */
final class Oracle {
    private final Map<Integer, List<Fate>> open = new HashMap<>();
    private final Map<String, Map<String, Integer>> fates = new TreeMap<>();
    private final List<String> harm = new ArrayList<>();
    private long bytes;
    private int connections;

    /** Takes one side's fate; judges when all sides are there. @return whether the connection is over */
    synchronized boolean told(Plan plan, Fate fate) {
        bytes += fate.received();
        var sides = open.computeIfAbsent(plan.number(), number -> new ArrayList<>());
        sides.add(fate);
        if (sides.size() < (plan.relays() ? 3 : 2)) {
            return false;
        }
        open.remove(plan.number());
        judge(plan, sides);
        return true;
    }

    private void judge(Plan plan, List<Fate> sides) {
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
        var fate =
                switch (app.kind()) {
                    case DONE -> "done";
                    case LEAKED -> "leaked";
                    case FORGED -> "forged";
                    case FAILED -> plan.rude() ? "reset" : app.touchable() ? "refused" : "harmed";
                };
        fates.computeIfAbsent(plan.stack().name(), stack -> new TreeMap<>()).merge(fate, 1, Integer::sum);
    }

    /** The peer of a leak that was released, once it had all that was sent to it. */
    private static boolean mayFail(Plan plan, Fate app, Fate peer) {
        return app.kind() == Kind.LEAKED
                && (peer.received() >= app.sent()
                        || plan.loss() == Step.Loss.DROPPED && plan.stack().isReclaimedByTheJdk());
    }

    /**
     * An application that meets a failure resets its connection; where it cannot, its peer sees the end that it makes. Nor can the
     * agent reset a unix-domain socket: the peer of a leak that was released sees an end, but not before all that was sent.
     */
    private static boolean mayEnd(Plan plan, Fate app, Fate peer) {
        return !plan.stack().canReset() && app.kind() == Kind.FAILED
                || plan.stack().isUnix() && app.kind() == Kind.LEAKED && peer.received() == app.sent();
    }

    private void harm(Plan plan, Fate fate) {
        harm.add("connection " + plan.number() + " " + plan.stack() + " " + plan.story()
                + (plan.connects() ? " client" : " server")
                + ": " + fate.line().replace('\t', ' ') + "\n    app  " + plan.app() + "\n    peer " + plan.peer()
                + (plan.relays() ? "\n    back " + plan.backend() : ""));
    }

    /** Something else that must not be. */
    synchronized void trouble(String what) {
        harm.add(what);
    }

    synchronized List<String> harm() {
        return List.copyOf(harm);
    }

    /** Connections one side of which has not told its fate. */
    synchronized List<Integer> unfinished() {
        return open.keySet().stream().sorted().toList();
    }

    synchronized int connections() {
        return connections;
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Connections by stack and fate. */
    synchronized Map<String, Map<String, Integer>> fates() {
        return new TreeMap<>(fates);
    }
}
