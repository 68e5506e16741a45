package io.socketreaper.control;

import java.util.List;
import java.util.Map;

/**
 * What became of all leaks that were reported and not released; {@link DrainAdvice} reads it.
 *
 * @param startedMillis when the agent was loaded, milliseconds since 1970
 * @param nowMillis     when this was asked, the same
 * @param settings      the values of those settings that the advice depends on ({@link DrainAdvice#SETTINGS}), by name
 * @param observesOnly  true if bad settings keep the agent from releasing anything
 * @param releases      true if the agent releases leaks of any kind and grade, so that the rows are what it still only reports
 * @param asksPeers     true if the peers of peer-closed sockets are asked whether they are gone
 * @param rows          by site and grade, those with the most leaks first; without those of which none was reported
 */
public record DryRunInfo(
        long startedMillis,
        long nowMillis,
        Map<String, String> settings,
        boolean observesOnly,
        boolean releases,
        boolean asksPeers,
        List<DryRunRow> rows) {
    /** How long the agent has been there, milliseconds. */
    public long lasted() {
        return Math.max(0, nowMillis - startedMillis);
    }

    /** The value of a setting; empty if it is not there. */
    String setting(String name) {
        return settings.getOrDefault(name, "");
    }
}
