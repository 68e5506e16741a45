package io.socketreaper.testapp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many leaked channels of one selector go together, whatever its thread does, and a walk through its keys meets no cancelled one. */
class OneSelectorIT {
    private static final int COUNT = 2_000;
    /** Timeout and two seconds on a calm machine; one by one they would take minutes. */
    private static final int IN_TIME_MILLIS = 20_000;

    @ParameterizedTest
    @ValueSource(strings = {"selects", "busy", "none"})
    void allAreGoneInTimeAndTheOneThatIsUsedStays(String mode) throws Exception {
        try (var child = Jvm.program(OneSelector.class, Integer.toString(COUNT), mode).agent("action=close,timeout=1s").start()) {
            child.awaitEnd().expectExitCode(0);
            String said = String.join("\n", child.out());
            var gone = Pattern.compile("gone after (\\d+) ms, (\\d+) echoes, in use true, trouble $").matcher(said);
            child.expect("gone, nothing else touched: " + said, true, gone.find());
            assertTrue(Integer.parseInt(gone.group(1)) < IN_TIME_MILLIS, said);
            child.expect("echoes: " + said, mode.equals("selects"), Integer.parseInt(gone.group(2)) > 0);
            child.expectErr(0, "NOT RELEASED");
        }
    }
}
