package io.socketreaper.testapp.release;

import io.socketreaper.testapp.harness.Jvm;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A random population over all stacks, a minute in all; other connections in every run. What it has harmed is in the failure, with
 * the command that plays the same again. For longer: {@code java -jar agent-test-app.jar torture --for 10m}.
 */
class TortureIT {
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    /** The gentlest settings there are for healthy connections, the harshest, and those that a production would have. */
    static Stream<String> settings() {
        return Stream.of(
                "--action drain --doubtful log --track all --timeout 300ms",
                "--action close --doubtful drain --track all --timeout 100ms",
                "--action drain --doubtful log --track half-closed --timeout 2s");
    }

    @ParameterizedTest
    @MethodSource("settings")
    void nobodyIsHarmed(String settings) {
        var arguments = ("torture --for 20s " + settings + " --agent " + Jvm.AGENT).split(" ");
        try (var torture = Jvm.app(arguments).start()) {
            torture.awaitEnd(PATIENCE).expectExitCode(0);
            System.out.println(torture.awaitOut("\"harmed\":0").out().get(0));
        }
    }
}
