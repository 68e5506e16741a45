package io.socketreaper.testapp.harness;

import static io.socketreaper.testapp.harness.EventPattern.event;

import java.util.regex.Pattern;

/**
 * What the agent says about itself. Such an event has a level and a message and no further field, so its sentences are quoted: here
 * only, as far as more than one test waits for them.
 */
public final class AgentSays {
    private static final Pattern ADDRESS = Pattern.compile("http://((?:127\\.0\\.0\\.1|localhost|\\[::1]):(\\d+))/");

    private AgentSays() {}

    /** Matches what the agent says about itself with such a sentence. */
    public static EventPattern says(String regex) {
        return event("agent").saying(regex);
    }

    /** The same as an error: the agent is off, partly off or misconfigured. */
    public static EventPattern error(String regex) {
        return says(regex).with("level", "ERROR");
    }

    public static EventPattern warning(String regex) {
        return says(regex).with("level", "WARN");
    }

    public static EventPattern info(String regex) {
        return says(regex).with("level", "INFO");
    }

    /** Matches whatever the agent has to complain about: what is off, wrong, late or dropped. */
    public static EventPattern complaint() {
        return event("agent").withOneOf("level", "WARN", "ERROR");
    }

    /** One of the JVM's socket stacks is watched. */
    public static EventPattern watching() {
        return info("self-test passed");
    }

    /** Half-closed sockets of that stack are watched. */
    public static EventPattern watching(String stack) {
        return info("self-test passed.*half-closed sockets of " + stack + " are watched");
    }

    /** Sockets of that stack are watched, all of them or the half-closed ones. */
    public static EventPattern watchingAny(String stack) {
        return info("self-test passed.* of " + stack + " are watched");
    }

    public static EventPattern started() {
        return info("^Socket Reaper started");
    }

    public static EventPattern attached() {
        return info("^Socket Reaper attached");
    }

    public static EventPattern metricsServed() {
        return info("metrics are served at http://");
    }

    public static EventPattern pageServed() {
        return info("status page: http://");
    }

    /** Waits until the metrics are served; returns the host and the port. */
    public static String metricsAddress(ChildJvm child) {
        return address(child, metricsServed(), 1);
    }

    /** Waits until the metrics are served; returns the port. */
    public static int metricsPort(ChildJvm child) {
        return Integer.parseInt(address(child, metricsServed(), 2));
    }

    /** Waits until the status page is served; returns the host and the port. */
    public static String pageAddress(ChildJvm child) {
        return address(child, pageServed(), 1);
    }

    /** Waits until the status page is served; returns the port. */
    public static int pagePort(ChildJvm child) {
        return Integer.parseInt(address(child, pageServed(), 2));
    }

    private static String address(ChildJvm child, EventPattern served, int group) {
        var message = child.awaitEvent(served).message();
        var address = ADDRESS.matcher(message);
        if (!address.find()) {
            throw child.failure("no address in '" + message + "'");
        }
        return address.group(group);
    }
}
