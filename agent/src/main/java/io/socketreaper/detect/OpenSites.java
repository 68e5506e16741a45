package io.socketreaper.detect;

import io.socketreaper.leak.LeakSites;
import io.socketreaper.leak.OpenCount;
import io.socketreaper.leak.StackOrigin;
import io.socketreaper.model.Clock;
import io.socketreaper.thread.ReaperThread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The lines of code that open sockets, bounded, with {@code track=all}. Each sweep counts the open sockets of each. */
@ReaperThread
public final class OpenSites {
    /** Bounds the memory; those beyond are one site together. */
    static final int MOST_SITES = 256;

    private static final int FEW = 5;
    private static final String JAVA_BASE = "java.base";
    private static final StackTraceElement[] NO_STACK = {};
    /** Methods of the JDK and of Netty's native transports in which an accepted connection gets its object. */
    private static final String[] ACCEPTING = {"accept", "implAccept", "finishAccept", "newChildChannel"};

    private final Clock clock;
    private final Policy policy;
    private final SocketChains<OpenSocket> opened;
    private final Map<String, OpenSite> sites = new LinkedHashMap<>();
    private final OpenSite notSampled = withoutStack("not-sampled", StackOrigin.OPENED_NOT_SAMPLED);
    private final OpenSite beforeAttach = withoutStack("before-attach", StackOrigin.BEFORE_ATTACH);
    /** Sites that have begun to grow, or have stopped, and were not reported since. */
    private final Set<OpenSite> changed = new LinkedHashSet<>();
    /** Those that were reported as growing, and not as growing no more. */
    private final Set<OpenSite> toldToGrow = new HashSet<>();

    OpenSites(Clock clock, Policy policy, SocketChains<OpenSocket> opened) {
        this.clock = clock;
        this.policy = policy;
        this.opened = opened;
        sites.put(notSampled.id(), notSampled);
        sites.put(beforeAttach.id(), beforeAttach);
    }

    private static OpenSite withoutStack(String id, StackOrigin origin) {
        return new OpenSite(id, origin.withoutStack(), NO_STACK, origin, -1);
    }

    /** Whether the frames of JDK and frameworks, inside the application's, accept a connection. */
    static boolean isAccepted(StackTraceElement[] stack) {
        int application = LeakSites.firstApplicationFrame(stack);
        // The innermost frame is the JDK's; if it is called the application's, there is none of the application.
        int end = application == 0 ? stack.length : application;
        for (int i = 0; i < end; i++) {
            String method = stack[i].getMethodName();
            for (String accepting : ACCEPTING) {
                if (method.equals(accepting)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A walk through all open sockets. */
    public OpenWalk walk() {
        return new OpenWalk(clock, opened, this);
    }

    /** All sites, in the order in which they were met. */
    public Collection<OpenSite> all() {
        return sites.values();
    }

    /** The site of sockets that were opened there; only after a sweep has met one and knows the port, see {@link Sweep}. */
    OpenSite of(CapturedStack origin) {
        OpenSite known = origin.openSite;
        if (known != null) {
            return known;
        }
        if (origin == CapturedStack.NOT_SAMPLED) {
            return notSampled;
        }
        if (origin == CapturedStack.BEFORE_ATTACH) {
            return beforeAttach;
        }
        OpenSite site = named(origin);
        origin.openSite = site;
        return site;
    }

    private OpenSite named(CapturedStack origin) {
        StackTraceElement[] stack = origin.stack();
        String id = LeakSites.id("open " + origin.port(), origin.stackOrigin(), stack);
        OpenSite known = sites.get(id);
        if (known != null) {
            return known;
        }
        OpenSite site = sites.size() < MOST_SITES + 2
                ? new OpenSite(id, location(stack), stack, origin.stackOrigin(), origin.port())
                : sites.getOrDefault(
                        "other",
                        new OpenSite(
                                "other",
                                "sites beyond the first " + MOST_SITES,
                                NO_STACK,
                                StackOrigin.OPENED_NOT_SAMPLED,
                                -1));
        sites.put(site.id(), site);
        return site;
    }

    /** Those with the most open descriptors, a few of them, the largest first. */
    List<OpenCount> mostOpen() {
        var most = new ArrayList<OpenSite>(sites.values());
        most.removeIf(site -> site.open() == 0);
        most.sort((one, other) -> Integer.compare(other.descriptors(), one.descriptors()));
        var counts = new ArrayList<OpenCount>();
        for (OpenSite site : most.subList(0, Math.min(FEW, most.size()))) {
            counts.add(new OpenCount(site.id(), site.location(), site.descriptors()));
        }
        return counts;
    }

    /** The line to name; of a stack without a frame of the application the first outside {@code java.base}, such as an HTTP server of the JDK. */
    private static String location(StackTraceElement[] stack) {
        for (int i = 0; i < stack.length && LeakSites.firstApplicationFrame(stack) == 0; i++) {
            if (!JAVA_BASE.equals(stack[i].getModuleName()) && stack[i].getModuleName() != null) {
                return LeakSites.stable(stack[i]);
            }
        }
        return LeakSites.location(stack);
    }

    /** A sweep has met all sockets. */
    void endSweep(long now, boolean stopped) {
        for (OpenSite site : sites.values()) {
            boolean before = site.isGrowing();
            site.endSweep(now, policy.growingWindow(), stopped);
            if (site.isGrowing() != before) {
                changed.add(site);
            }
        }
    }

    /** Descriptors a minute by which all growing sites grow together. */
    public double descriptorsPerMinute() {
        double sum = 0;
        for (OpenSite site : sites.values()) {
            sum += site.descriptorsPerMinute();
        }
        return sum;
    }

    /** Whether the reads and writes of open sockets matter, because the number of those of a site rises. */
    boolean observeAny() {
        for (OpenSite site : sites.values()) {
            if (site.isObserved()) {
                return true;
            }
        }
        return false;
    }

    /** The sites that have begun to grow, or have stopped, since the last call. None while the agent is paused; they come afterwards. */
    public List<OpenSite> takeChanged() {
        if (changed.isEmpty() || !policy.findsLeaks()) {
            return List.of();
        }
        var taken = new ArrayList<OpenSite>();
        for (OpenSite site : changed) {
            if (site.isGrowing() ? toldToGrow.add(site) : toldToGrow.remove(site)) {
                taken.add(site);
            }
        }
        changed.clear();
        return taken;
    }
}
