package io.socketreaper.cli;

import io.socketreaper.text.HumanText;

/**
 * A JVM of this machine, as {@code list --json} prints it. Null means unknown.
 *
 * @param main       main class or jar
 * @param agent      the version and state that its agent publishes, e.g. {@code 0.1.0 watching}; {@code none} if there is none
 * @param whyUnknown why the agent's state is not known
 */
record JvmInfo(
        long pid, String user, String main, String jdk, Long descriptors, Long limit, String agent, String whyUnknown) {
    static final String NO_AGENT = "none";

    Integer percent() {
        return descriptors == null || limit == null || limit == 0 ? null : (int) HumanText.percent(descriptors, limit);
    }
}
