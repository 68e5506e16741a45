package io.socketreaper.leak;

import io.socketreaper.model.LeakKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All leak sites, bounded. Reaper thread only. */
public final class LeakSites {
    /** Bounds the memory and the number of full reports; a program with more bugs than this has its answer already. */
    static final int MOST_SITES = 256;

    private static final int FRAMES = 3;
    private static final int FEW = 5;
    /** Code that half-closes on behalf of other code; a site is named by the code that called it. */
    private static final String[] JDK = {"java.", "javax.", "jdk.", "sun.", "com.sun."};

    private static final String[] FRAMEWORKS = {
        "io.netty.",
        "org.eclipse.jetty.",
        "org.apache.catalina.",
        "org.apache.coyote.",
        "org.apache.tomcat.",
        "io.undertow.",
        "org.xnio.",
        "jakarta.",
        "io.helidon.",
        "io.vertx.",
        "org.glassfish.grizzly.",
        "org.apache.mina.",
        "org.apache.hc.",
        "org.apache.http.",
        "org.apache.pekko.",
        "akka.",
        "kotlin.",
        "kotlinx.coroutines.",
        "scala.",
        "reactor.",
        // clients and their pools
        "okhttp3.",
        "org.asynchttpclient.",
        "org.apache.commons.dbcp2.",
        "org.apache.commons.pool2.",
        "com.zaxxer.hikari.",
        "redis.clients.",
        "io.lettuce.",
        "io.grpc.",
        "com.mongodb.",
        "org.postgresql.",
        "com.mysql.",
        "org.apache.kafka.",
        "org.xbill.DNS.",
        "ch.qos.logback."
    };

    private final Map<String, LeakSite> sites = new LinkedHashMap<>();

    /**
     * The site of a leak, made if it is new: that of its line to blame, or where none is known, of its half-close or opening.
     *
     * @param stack   of the half-close, else of the opening
     * @param opening stack of the opening; empty if it is not known
     */
    public LeakSite of(
            LeakKind kind,
            StackOrigin stackOrigin,
            StackTraceElement[] stack,
            Blame blame,
            StackTraceElement[] opening) {
        StackTraceElement[] named = blame.isKnown() ? blame.stack() : stack;
        String id = id(kind.toString(), stackOrigin, named);
        LeakSite known = sites.get(id);
        if (known != null) {
            return known;
        }
        LeakSite site = sites.size() < MOST_SITES
                ? new LeakSite(
                        id,
                        kind,
                        named.length > 0 ? location(named) : stackOrigin.withoutStack(),
                        stack,
                        blame,
                        opening)
                : new LeakSite("other", kind, "sites beyond the first " + MOST_SITES, stack, blame, opening);
        return sites.computeIfAbsent(site.id(), id2 -> site);
    }

    /**
     * Names a place in the code by the first application frames of its stack. Any thread.
     *
     * @param what tells apart different matters of one place, such as the kind of leak
     * @return eight hex digits, the same in every run of the same code
     */
    public static String id(String what, StackOrigin stackOrigin, StackTraceElement[] stack) {
        int first = firstApplicationFrame(stack);
        var fingerprint = new StringBuilder(what);
        if (stack.length == 0) {
            fingerprint.append('\n').append(stackOrigin.name());
        }
        // JDK frames in between differ from call to call, e.g. those of reflection.
        boolean skipFrameworks = first < stack.length && !isOf(stack[first].getClassName(), FRAMEWORKS);
        for (int i = first, frames = 0; i < stack.length && frames < FRAMES; i++) {
            String type = stack[i].getClassName();
            if (i == first || !isOf(type, JDK) && !(skipFrameworks && isOf(type, FRAMEWORKS))) {
                fingerprint.append('\n').append(stable(stack[i]));
                frames++;
            }
        }
        return String.format("%08x", fingerprint.toString().hashCode());
    }

    /** The first application frame of a stack, {@code Class.method(File:line)}; empty for an empty stack. Any thread. */
    public static String location(StackTraceElement[] stack) {
        return stack.length == 0 ? "" : stable(stack[firstApplicationFrame(stack)]);
    }

    /** Continues a sentence: {@code  at Class.method(File:line)}, or the words that stand for an unknown line after a comma. Any thread. */
    public static String place(String location) {
        return (classOf(location).isEmpty() ? ", " : " at ") + location;
    }

    /** The class in a {@link #location}; empty if the text is none. Any thread. */
    public static String classOf(String location) {
        int arguments = location.indexOf('(');
        int method = arguments < 0 ? -1 : location.lastIndexOf('.', arguments);
        return method < 0 ? "" : location.substring(0, method);
    }

    public Collection<LeakSite> all() {
        return sites.values();
    }

    /** The sites with most leaks, a few of them, the largest first. */
    public List<LeakSite> largest() {
        var largest = new ArrayList<>(sites.values());
        largest.sort((one, other) -> Long.compare(other.found(), one.found()));
        return List.copyOf(largest.subList(0, Math.min(FEW, largest.size())));
    }

    /** Index of the first frame that is neither the JDK's nor a framework's; else of the first that is not the JDK's; else 0. */
    public static int firstApplicationFrame(StackTraceElement[] stack) {
        int firstOfFramework = 0;
        for (int i = stack.length - 1; i >= 0; i--) {
            if (!isOf(stack[i].getClassName(), JDK)) {
                firstOfFramework = i;
            }
        }
        for (int i = firstOfFramework; i < stack.length; i++) {
            if (!isOf(stack[i].getClassName(), JDK) && !isOf(stack[i].getClassName(), FRAMEWORKS)) {
                return i;
            }
        }
        return firstOfFramework;
    }

    /** Whether a frame is neither the JDK's nor a known framework's. Any thread. */
    public static boolean hasApplicationFrame(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (!isOf(frame.getClassName(), JDK) && !isOf(frame.getClassName(), FRAMEWORKS)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a class is neither the JDK's nor a known framework's. Any thread. */
    public static boolean isApplicationClass(String className) {
        return !isOf(className, JDK) && !isOf(className, FRAMEWORKS);
    }

    private static boolean isOf(String className, String[] prefixes) {
        for (String prefix : prefixes) {
            if (className.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Without what differs from run to run: the addresses of hidden classes, loader and module names. */
    public static String stable(StackTraceElement frame) {
        String type = frame.getClassName();
        int hidden = type.indexOf('/');
        if (hidden >= 0) {
            type = type.substring(0, hidden);
        }
        String place = frame.getFileName() == null
                ? "Unknown Source"
                : frame.getFileName() + (frame.getLineNumber() >= 0 ? ":" + frame.getLineNumber() : "");
        return type + "." + frame.getMethodName() + "(" + place + ")";
    }
}
