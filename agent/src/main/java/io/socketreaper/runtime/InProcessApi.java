package io.socketreaper.runtime;

import io.socketreaper.bootstrap.Agent;
import io.socketreaper.bridge.Look;
import io.socketreaper.bridge.RecordMap;
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
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
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
            case Agent.LISTEN, Agent.UNLISTEN -> listeners();
            case Agent.TEST -> test();
            case Agent.LOOK -> RecordMap.of(look(RecordMap.to(Look.class, (Map<?, ?>) argument)));
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

    private Look.Result look(Look look) {
        var inspection = look.state() != null
                ? (Inspection) look.state()
                : new Inspection(look.from(), look.to(), look.timeoutMillis(), look.kinds(), look.isMine());
        return reaper.ask(() -> {
            var text = new ReportText(settings.get().stackDepth());
            reaper.watch().inspect(inspection);
            var lost = new ArrayList<String>();
            for (Inspection.Lost each : inspection.lost()) {
                Leak leak = reaper.release()
                        .described(each.candidate(), each.evidence(), each.reclaimed(), System.nanoTime());
                if (leak != null) {
                    lost.add(text.of(leak, each.reclaimed() ? RECLAIMED : new Outcome.Logged()));
                }
            }
            if (taken != null) {
                for (RecentReleases.Released each : taken.released) {
                    Leak leak = each.leak();
                    if (inspection.isAbout(each.openedAt(), leak.sign(), leak.stack())
                            && look.kinds().contains(leak.kind().toString())) {
                        lost.add(text.of(leak, each.outcome()));
                    }
                }
            }
            return new Look.Result(inspection, inspection.open(), inspection.waiting(), preparing(), lost);
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
