package io.socketreaper.testapp.release;

import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RetryAlone;
import java.util.regex.Pattern;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A leak is released in its time, also while the reaper thread sleeps for another errand. */
@Isolated
@Execution(ExecutionMode.SAME_THREAD)
class PromptIT {
    private static final Pattern RELEASED = Pattern.compile("RELEASED after (\\d+) ms");
    /** The last look for an MBean server was a second ago then, and the next is 5 s away. */
    private static final String QUIET_MILLIS = "7500";
    /** The timeout is 300 ms. */
    private static final int BOUND_MILLIS = 2000;

    /** The best of three: a machine that is busy with other things makes the agent late, and then it waits on purpose. */
    @ParameterizedTest
    @ValueSource(strings = {"", "page=127.0.0.1:0,"})
    void aLeakIsReleasedInItsTimeAlthoughTheReaperSleepsForAnotherErrand(String settings) {
        for (int tries = 1; ; tries++) {
            try (var child = Jvm.program(QuietThenLeaks.class, QUIET_MILLIS)
                    .agent(settings + "action=close,timeout=300ms")
                    .start()) {
                child.awaitEnd().expectExitCode(0);
                var released = RELEASED.matcher(String.join("\n", child.out()));
                child.expect("an answer", true, released.find());
                int millis = Integer.parseInt(released.group(1));
                if (millis <= BOUND_MILLIS + RetryAlone.excuse(child, tries)) {
                    return;
                }
                if (tries == RetryAlone.TRIES) {
                    throw child.failure("released only after " + millis + " ms");
                }
            }
        }
    }
}
