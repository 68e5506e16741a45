package io.socketreaper.testapp.release;

import static io.socketreaper.testapp.harness.AgentSays.watchingAny;
import static io.socketreaper.testapp.harness.EventPattern.closed;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an event loop of the application makes of a leaked channel whose key becomes ready again. */
class HandBackIT {
    private static ChildJvm run(DispatchLoop.Mode mode) {
        var child = Jvm.program(DispatchLoop.class, mode.name())
                .agent("action=close,timeout=1s")
                .start();
        child.awaitEvent(watchingAny("SocketChannel"));
        child.tell("leak");
        return child.awaitEnd().expectExitCode(0);
    }

    private static void expectEnd(ChildJvm child, int deaths) {
        child.expect("end", true, child.out().contains("deaths " + deaths + ", serves true, open 0 of 20"));
    }

    @ParameterizedTest
    @EnumSource(
            value = DispatchLoop.Mode.class,
            names = {"TAKES_OFF", "MARKS"})
    void aLoopThatDispatchesOnAttachmentsMeetsNoKeyWhoseAttachmentItHasTakenAway(DispatchLoop.Mode mode) {
        try (ChildJvm child = run(mode)) {
            expectEnd(child, 0);
            child.expectEvents(
                    1, closed().saying("its owner was not told before the close, because the application has "));
        }
    }

    @Test
    void aLoopWithoutAttachmentsIsToldByItsOwnReads() {
        try (ChildJvm child = run(DispatchLoop.Mode.BARE)) {
            child.expect("told", 20, Collections.frequency(child.out(), "told by its read"));
            expectEnd(child, 0);
        }
    }

    /** That cannot be known before. */
    @Test
    void aLoopThatCannotBearAnyDiesOfOneOnly() {
        try (ChildJvm child = run(DispatchLoop.Mode.ASSERTS)) {
            expectEnd(child, 1);
        }
    }
}
