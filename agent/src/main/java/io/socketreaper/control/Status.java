package io.socketreaper.control;

import io.socketreaper.config.SettingValue;
import java.util.List;
import java.util.Map;

/**
 * A running agent in figures.
 *
 * @param version        of the agent; empty in a recording, which does not know it
 * @param pid            of the process
 * @param startedMillis  when the agent came, milliseconds since 1970
 * @param nowMillis      when this was asked, the same
 * @param attached       true if it came to a running JVM
 * @param paused         true while it neither finds nor releases leaks
 * @param observesOnly   true if bad settings keep it from releasing anything
 * @param underPressure  true while few descriptors are left
 * @param open           open descriptors; -1 if unknown
 * @param limit          how many may be open; -1 if there is no limit or it is unknown
 * @param descriptors    open descriptors by kind: listen, established, close_wait, fin_wait, finished, untracked (of the finished),
 *                       other_tcp, other_sockets, pipes, files, others
 * @param suspects       sockets that show a sign, leaks included
 * @param releasing      sockets that are being released
 * @param total          counts of all leaks
 * @param byKind         the same by {@code LeakKind}; a kind without leaks is there with zeros
 * @param stacks         what is watched
 * @param settings       what holds
 * @param internalErrors what went wrong inside the agent
 * @param problems       what is wrong with the settings, and what waits for descriptors
 */
public record Status(
        String version,
        long pid,
        long startedMillis,
        long nowMillis,
        boolean attached,
        boolean paused,
        boolean observesOnly,
        boolean underPressure,
        int open,
        long limit,
        Map<String, Integer> descriptors,
        int suspects,
        int releasing,
        Totals total,
        Map<String, Totals> byKind,
        List<Stack> stacks,
        List<SettingValue> settings,
        long internalErrors,
        List<String> problems) {
    /**
     * One socket stack.
     *
     * @param state {@code waiting} until the application uses it, {@code watched}, or {@code off}
     * @param why   why it is off, or waits although the application uses it; empty otherwise
     */
    public record Stack(String name, String state, String why) {}
}
