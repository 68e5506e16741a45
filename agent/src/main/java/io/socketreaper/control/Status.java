package io.socketreaper.control;

import io.socketreaper.config.SettingValue;
import io.socketreaper.model.DescriptorKind;
import java.util.List;
import java.util.Map;

/**
 * A running agent in figures.
 *
 * @param version        of the agent; empty in a recording, which does not know it
 * @param pid            of the process
 * @param startedMillis  when the agent was loaded, milliseconds since 1970
 * @param nowMillis      when this was asked, the same
 * @param attached       true if it came to a running JVM
 * @param paused         true while it neither finds nor releases leaks
 * @param observesOnly   true if bad settings keep it from releasing anything
 * @param underPressure  true while few descriptors are left
 * @param open           open descriptors; -1 if unknown
 * @param limit          how many may be open; -1 if there is no limit or it is unknown
 * @param descriptors    open descriptors by the name of a {@link DescriptorKind}; empty if unknown
 * @param suspects       sockets that show a sign, leaks included
 * @param releasing      sockets that are being released
 * @param total          counts of all leaks
 * @param byKind         the same by {@code LeakKind}; a kind without leaks is there with zeros
 * @param stacks         what is watched
 * @param settings       the current settings
 * @param internalErrors errors inside the agent
 * @param problems       problems of the settings, and parts that wait for free descriptors
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
    /** The value of a setting as it holds; {@code otherwise} if it is not there, as in a recording. */
    public String setting(String name, String otherwise) {
        for (SettingValue setting : settings) {
            if (setting.name().equals(name)) {
                return setting.value();
            }
        }
        return otherwise;
    }

    /** Whether every socket is watched from open to close ({@code track=all}). */
    public boolean tracksAll() {
        return setting("track", "").equals("all");
    }

    /** Open descriptors of that kind; 0 if unknown. */
    public int count(DescriptorKind kind) {
        return descriptors.getOrDefault(kind.toString(), 0);
    }

    /**
     * One socket stack.
     *
     * @param state {@code waiting} until the application uses it, {@code watched}, or {@code off}
     * @param why   why it is off, or waits although the application uses it; empty otherwise
     */
    public record Stack(String name, String state, String why) {}
}
