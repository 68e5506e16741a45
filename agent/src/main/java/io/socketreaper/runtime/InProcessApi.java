package io.socketreaper.runtime;

import io.socketreaper.bootstrap.Agent;
import io.socketreaper.bridge.Look;
import io.socketreaper.bridge.RecordMap;
import io.socketreaper.config.Track;
import io.socketreaper.control.LeakReceivers;
import io.socketreaper.detect.Detector;
import io.socketreaper.detect.Inspection;
import io.socketreaper.leak.Leak;
import io.socketreaper.leak.LeakSinks;
import io.socketreaper.leak.Outcome;
import io.socketreaper.release.Release;
import io.socketreaper.report.ReportText;
import io.socketreaper.stack.StackGuard;
import io.socketreaper.thread.AnyThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the program in this JVM asks of the agent, through {@link Agent#ask}: JDK types only, because the asking class may be
 * of any class loader. Loaded only when a program asks.
 */
@AnyThread
final class InProcessApi {
    private static final Outcome RECLAIMED =
            new Outcome.Spared("the JDK closes a java.net.Socket itself when the garbage collector finds it");

    private final ReaperLoop loop;
    private final LeakSinks sinks;
    private final Detector detector;
    private final Release release;
    private final List<StackGuard> guards;
    private final List<Consumer<Map<String, Object>>> list;
    private final AgentRequests requests;
    private @Nullable LeakReceivers receivers;
    private @Nullable RecentReleases taken;

    /** @param list the receivers of leaks; other threads change it */
    InProcessApi(Assembly parts, List<Consumer<Map<String, Object>>> list, AgentRequests requests) {
        this.loop = parts.loop();
        this.sinks = parts.sinks();
        this.detector = parts.detector();
        this.release = parts.release();
        this.guards = parts.guards();
        this.list = list;
        this.requests = requests;
    }

    /** Null for an unknown question. */
    @Nullable
    Object ask(String question, Object argument) {
        return switch (question) {
            case Agent.LISTEN, Agent.UNLISTEN -> listeners();
            case Agent.TEST -> test();
            case Agent.LOOK -> RecordMap.of(look(RecordMap.to(Look.class, (Map<?, ?>) argument)));
            default -> null;
        };
    }

    /** Adds a sink while the list has receivers, and removes it afterwards. */
    private synchronized @Nullable Object listeners() {
        if (!list.isEmpty() && receivers == null) {
            receivers = new LeakReceivers(list, new StackDepth(requests));
            sinks.add(receivers);
        } else if (list.isEmpty() && receivers != null) {
            sinks.remove(receivers);
            receivers = null;
        }
        return null;
    }

    /**
     * A test begins: from now on the agent's own releases are remembered. Returns true if all sockets are watched.
     */
    private synchronized Boolean test() {
        if (taken == null) {
            taken = new RecentReleases(detector);
            sinks.add(taken);
        }
        return requests.inForce().track() == Track.ALL;
    }

    private Look.Result look(Look look) {
        var inspection = look.state() != null
                ? (Inspection) look.state()
                : new Inspection(look.from(), look.to(), look.timeoutMillis(), look.kinds(), look.isMine());
        return loop.ask(() -> {
            var text = new ReportText(requests.inForce().stackDepth());
            detector.inspect(inspection);
            var lost = new ArrayList<String>();
            for (Inspection.Lost each : inspection.lost()) {
                Leak leak = release.described(each.candidate(), each.evidence(), each.reclaimed(), System.nanoTime());
                if (leak != null) {
                    lost.add(text.of(leak, each.reclaimed() ? RECLAIMED : new Outcome.Logged()));
                }
            }
            if (taken != null) {
                for (RecentReleases.Released each : taken.released) {
                    Leak leak = each.leak();
                    if (inspection.isAbout(each.openedAt(), leak.stackOrigin(), leak.stack())
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
        for (StackGuard guard : guards) {
            count += guard.isPreparing() ? 1 : 0;
        }
        return count;
    }

    /** Removes its sink of leaks. */
    synchronized void close() {
        if (receivers != null) {
            sinks.remove(receivers);
            receivers = null;
        }
    }
}
