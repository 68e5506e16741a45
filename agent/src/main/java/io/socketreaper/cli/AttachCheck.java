package io.socketreaper.cli;

import io.socketreaper.procfs.ProcFs;
import io.socketreaper.procfs.ProcProcess;
import io.socketreaper.text.HumanText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether it is safe to attach to a JVM and ask it something. To start its attach listener it is sent a SIGQUIT, which ends
 * a process that has no handler for it, and makes a JVM that is told not to listen print its threads. To answer it needs
 * some descriptors; without them it fails to initialise classes of the JDK (ZoneInfoFile, seen on 17), and that for good.
 */
final class AttachCheck {
    private static final int SIGQUIT = 3;
    private static final int DESCRIPTORS_TO_ANSWER = 16;
    private static final String ROOT = "0:";
    private static final String DISABLED = "-XX:+DisableAttachMechanism";
    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS");

    private AttachCheck() {}

    /** Whether this Java has the JDK's attach API; without it {@link AttachApi} and {@link Attachment} cannot be loaded. */
    static boolean hasModule() {
        return ModuleLayer.boot().findModule("jdk.attach").isPresent();
    }

    /** The reason why it is not safe; null if it is. */
    static @Nullable String refusal(ProcFs proc, ProcProcess process) {
        String obstacle = obstacle(proc, process);
        if (obstacle != null) {
            return obstacle;
        }
        long left = process.limit().orElse(Long.MAX_VALUE) - process.open().orElse(0);
        return left >= DESCRIPTORS_TO_ANSWER
                ? null
                : "it has only " + HumanText.count(left, "descriptor", "descriptors")
                        + " left, and answering could use up the last ones";
    }

    /** The same, when there are enough descriptors. */
    static @Nullable String obstacle(ProcFs proc, ProcProcess process) {
        String ours = proc.self().effectiveIds();
        String theirs = process.effectiveIds();
        if (!hasModule()) {
            return "this Java has no module jdk.attach";
        }
        if (theirs == null) {
            return "it has ended";
        }
        // As the JVM itself checks.
        if (ours == null || !ours.equals(theirs) && !ours.startsWith(ROOT)) {
            return "it belongs to " + process.user() + "; run this command as that user";
        }
        if (process.stopped()) {
            return "it is stopped";
        }
        if (!process.catches(SIGQUIT)) {
            return "it does not listen for an attach (-Xrs, or it has just started)";
        }
        if (isTold(process, DISABLED)) {
            return "its attach mechanism is disabled";
        }
        return null;
    }

    /** Whether that JVM was started with an option. */
    static boolean isTold(ProcProcess process, String option) {
        return process.arguments().contains(option)
                || VARIABLES.stream()
                        .map(process::variable)
                        .anyMatch(options -> options != null && options.contains(option));
    }
}
