package io.socketreaper.cli;

import io.socketreaper.text.HumanText;
import org.jspecify.annotations.Nullable;

/**
 * A JVM of this machine, as {@code list --json} prints it. Null means unknown.
 *
 * @param main       main class or jar
 * @param agent      the version and state that its agent publishes, e.g. {@code 0.1.0 watching}; {@code none} if there is none
 * @param whyUnknown why the agent's state is not known
 */
record JvmInfo(
        long pid,
        @Nullable String user,
        @Nullable String main,
        @Nullable String jdk,
        @Nullable Long descriptors,
        @Nullable Long limit,
        @Nullable String agent,
        @Nullable String whyUnknown) {
    static final String NO_AGENT = "none";

    @Nullable
    Integer percent() {
        return descriptors == null || limit == null || limit == 0 ? null : (int) HumanText.percent(descriptors, limit);
    }
}
