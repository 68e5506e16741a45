package io.socketreaper.testapp.release;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.RetryAlone;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A leak is released in its time, also while the reaper thread sleeps for another errand. */
@Isolated
class PromptIT {
    private static final Pattern RELEASED = Pattern.compile("RELEASED after (\\d+) ms");
    /** The last look for an MBean server was a second ago then, and the next is 5 s away. */
    private static final String QUIET_MILLIS = "7500";
    /** The timeout is 300 ms. */
    private static final int BOUND_MILLIS = 2000;
    /** The page keeps the reaper thread busy with errands of its own. */
    private static final String PAGE = "page=127.0.0.1:0,";

    /** The best of three: a machine that is busy with other things makes the agent late, and then it waits on purpose. */
    @Test
    void aLeakIsReleasedInItsTimeAlthoughTheReaperSleepsForAnotherErrand() {
        // Side by side: each of them sleeps most of the time.
        try (var plain = start("");
                var withPage = start(PAGE)) {
            isInTime(plain, "");
            isInTime(withPage, PAGE);
        }
    }

    private static ChildJvm start(String also) {
        return Jvm.program(QuietThenLeaks.class, QUIET_MILLIS)
                .agent(also + "action=close,timeout=300ms")
                .start();
    }

    private static void isInTime(ChildJvm first, String also) {
        boolean inTime = isInTime(first, 1);
        for (int tries = 2; !inTime; tries++) {
            try (var child = start(also)) {
                inTime = isInTime(child, tries);
            }
        }
    }

    private static boolean isInTime(ChildJvm child, int tries) {
        child.awaitEnd().expectExitCode(0);
        var released = RELEASED.matcher(String.join("\n", child.out()));
        child.expect("an answer", true, released.find());
        int millis = Integer.parseInt(released.group(1));
        boolean isInTime = millis <= BOUND_MILLIS + RetryAlone.excuse(child, tries);
        if (!isInTime && tries == RetryAlone.TRIES) {
            throw child.failure("released only after " + millis + " ms");
        }
        return isInTime;
    }
}
