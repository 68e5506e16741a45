package io.socketreaper.testapp.release;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RetryAlone;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;

/** Channels of loops that are busy for two seconds at a time, whenever they are leaked. */
@Isolated
@Execution(ExecutionMode.SAME_THREAD)
class BusyLoopsIT {
    private static final Pattern SAID =
            Pattern.compile("gone after (\\d+) ms, asked for (\\d+), failed (\\d+), trouble $");
    /**
     * The timeout of 1 s, 300 ms in which the channel may be handed back right before its loop is busy, and two seconds more, in which that
     * comes back; the rest is for the machine. 3.1 to 3.6 s were measured.
     */
    private static final int BOUND_MILLIS = 4_000;

    /** The best of three: a machine that is busy with other things makes the agent late, and then it waits on purpose. */
    @Test
    void whatALoopIgnoresIsClosedInItsNextSelection() {
        for (int tries = 1; ; tries++) {
            try (var child = start("ignores")) {
                child.awaitEnd().expectExitCode(0);
                int millis = Integer.parseInt(said(child).group(1));
                System.out.println("BusyLoopsIT: gone after " + millis + " ms");
                if (millis <= BOUND_MILLIS + RetryAlone.excuse(child, tries)) {
                    return;
                }
                if (tries == RetryAlone.TRIES) {
                    throw child.failure("gone only after " + millis + " ms");
                }
            }
        }
    }

    /** The agent has set the interest that they set, or need not set any more; no selection knows of their wish. Side by side. */
    @Test
    void whatALoopAsksForWhileItIsBusyFailsInItsOwnRead() {
        try (var asks = start("asks");
                var asksIfUnset = start("asks-if-unset")) {
            everyReadFailed(asks);
            everyReadFailed(asksIfUnset);
        }
    }

    private static void everyReadFailed(ChildJvm child) {
        child.awaitEnd().expectExitCode(0);
        var said = said(child);
        child.expect("some were asked for", true, Integer.parseInt(said.group(2)) > 0);
        child.expect("reads that failed", said.group(2), said.group(3));
    }

    private static ChildJvm start(String mode) {
        return Jvm.program(BusyLoops.class, mode)
                .agent("action=close,pressure=100%,timeout=1s")
                .start();
    }

    private static MatchResult said(ChildJvm child) {
        var said = SAID.matcher(String.join("\n", child.out()));
        child.expect("gone, without trouble", true, said.find());
        return said.toMatchResult();
    }
}
