package io.socketreaper.runtime;

import io.socketreaper.bootstrap.Agent;
import io.socketreaper.config.Settings;
import io.socketreaper.config.Track;
import io.socketreaper.control.LeakReceivers;
import io.socketreaper.detect.Inspection;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.Outcome;
import io.socketreaper.report.ReportText;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.thread.AnyThread;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What the program in this JVM asks of the agent, through {@link Agent#ask}: JDK types only, because the asking class may be
 * of any class loader. Not loaded unless somebody asks.
 */
@AnyThread
final class InProcessApi {
    private static final Outcome RECLAIMED =
            new Outcome.Spared("the JDK closes a java.net.Socket when its collector happens to find it");

    private final Reaper reaper;
    private final List<Consumer<Map<String, Object>>> list;
    private final Supplier<Settings> settings;
    private LeakReceivers receivers;
    private RecentReleases taken;

    /** @param list who wants to hear of leaks; changed by others */
    InProcessApi(Reaper reaper, List<Consumer<Map<String, Object>>> list, Supplier<Settings> settings) {
        this.reaper = reaper;
        this.list = list;
        this.settings = settings;
    }

    /** Null for a question that it does not know. */
    Object ask(String question, Object argument) {
        return switch (question) {
            case "listen", "unlisten" -> listeners();
            case "test" -> test();
            case "look" -> look((Object[]) argument);
            default -> null;
        };
    }

    /** Hears of leaks as long as somebody wants to. */
    private synchronized Object listeners() {
        if (!list.isEmpty() && receivers == null) {
            receivers = new LeakReceivers(list, () -> settings.get().stackDepth());
            reaper.sinks().add(receivers);
        } else if (list.isEmpty() && receivers != null) {
            reaper.sinks().remove(receivers);
            receivers = null;
        }
        return null;
    }

    /**
     * A test begins: from now on it is remembered what the agent itself releases. Returns true if all sockets are watched.
     */
    private synchronized Boolean test() {
        if (taken == null) {
            taken = new RecentReleases(reaper.watch());
            reaper.sinks().add(taken);
        }
        return settings.get().track() == Track.ALL;
    }

    /**
     * Looks at the sockets that were opened in a span of time.
     *
     * @param arguments what was returned as {@code state} by an earlier look, null for the first; then the parameters of
     *                  {@link Inspection}
     * @return {@code state}; {@code open} and {@code waiting}, how many sockets; {@code preparing}, how many stacks of the
     *         JDK are still to be looked into; {@code lost}, a list of what {@link LeakReceivers#map} makes
     */
    @SuppressWarnings("unchecked") // as documented
    private Map<String, Object> look(Object[] arguments) {
        var inspection = arguments[0] != null
                ? (Inspection) arguments[0]
                : new Inspection(
                        (Long) arguments[1],
                        (Long) arguments[2],
                        (Long) arguments[3],
                        (Set<String>) arguments[4],
                        (Predicate<StackTraceElement[]>) arguments[5]);
        var kinds = (Set<String>) arguments[4];
        return reaper.ask(() -> {
            var text = new ReportText(settings.get().stackDepth());
            reaper.watch().inspect(inspection);
            var lost = new ArrayList<Map<String, Object>>();
            for (Inspection.Lost each : inspection.lost()) {
                Leak leak = reaper.release()
                        .described(each.finding(), each.evidence(), each.reclaimed(), System.nanoTime());
                if (leak != null) {
                    lost.add(LeakReceivers.map(leak, each.reclaimed() ? RECLAIMED : new Outcome.Logged(), text));
                }
            }
            if (taken != null) {
                for (RecentReleases.Released each : taken.released) {
                    if (inspection.isAbout(
                                    each.openedAt(),
                                    each.leak().sign(),
                                    each.leak().stack())
                            && kinds.contains(each.leak().kind().toString())) {
                        lost.add(LeakReceivers.map(each.leak(), each.outcome(), text));
                    }
                }
            }
            var answer = new HashMap<String, Object>();
            answer.put("state", inspection);
            answer.put("open", inspection.open());
            answer.put("waiting", inspection.waiting());
            answer.put("preparing", preparing());
            answer.put("lost", lost);
            return answer;
        });
    }

    private int preparing() throws ReflectiveOperationException {
        int count = 0;
        for (StackGuard guard : reaper.guards()) {
            count += guard.isPreparing() ? 1 : 0;
        }
        return count;
    }

    /** Lets go of what it has added. */
    synchronized void close() {
        if (receivers != null) {
            reaper.sinks().remove(receivers);
            receivers = null;
        }
    }
}
