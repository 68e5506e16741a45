package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.AgentSays.watchingAny;
import static io.socketreaper.testapp.harness.EventPattern.leak;

import io.socketreaper.testapp.harness.Jvm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop that gives a meaning to a selection that finds no key does not see that the agent has woken it. */
class EmptySelectionsIT {
    @ParameterizedTest
    @EnumSource(EmptySelections.Mode.class)
    void onlyTheApplicationEndsASelection(EmptySelections.Mode mode) {
        try (var child = Jvm.program(EmptySelections.class, mode.name())
                .agent("track=all,action=drain,timeout=1s")
                .start()) {
            child.awaitEvent(watchingAny("SocketChannel"));
            child.awaitOut("serves true");
            child.tell("h");
            child.awaitEvent(leak("half-closed"));
            child.tell("c");
            child.awaitEvent(leak("closed-not-released"));
            child.tell("s");
            child.awaitOut(2, "serves true");
            child.expect("nothing found", false, child.out().contains("found nothing"));
            child.tell("t");
            child.awaitOut("found nothing");
            if (mode == EmptySelections.Mode.ONE_TASK) {
                child.awaitOut("task done");
                child.tell("s");
                child.awaitOut(3, "serves true");
            }
        }
    }
}
