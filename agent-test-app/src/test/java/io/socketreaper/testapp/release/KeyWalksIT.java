package io.socketreaper.testapp.release;

import io.socketreaper.testapp.harness.ChildJvm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A walk through the keys of a selector, some of whose channels are leaked, meets no cancelled one. */
@Isolated // a busy machine would stretch the walks
class KeyWalksIT {
    /** A walk through so many keys, 120 ms for each, is twice as long as a close waits for a thread that may have left its selector. */
    private static final int WALKED = 40;

    /** Longer than a walk: the agent hears of selections only once there is a suspect, and must know the thread by then. */
    private static final String TIMEOUT = "6s";

    /** Side by side: each of them sleeps most of the time. */
    @Test
    void aWalkOfFiveSecondsThroughItsKeysMeetsNoCancelledOne() throws Exception {
        Map<String, ChildJvm> children = new LinkedHashMap<>();
        try {
            for (var mode : List.of("walks", "walks-copy", "walks-selects")) {
                children.put(mode, OneSelectorIT.start(mode, WALKED, TIMEOUT));
            }
            for (var child : children.entrySet()) {
                tell(child.getKey(), child.getValue());
            }
        } finally {
            children.values().forEach(ChildJvm::close);
        }
    }

    /** A selection that does not wait closes them if no other waits. */
    @Test
    void aLoopThatOnlyPollsClosesThemItself() throws Exception {
        try (var child = OneSelectorIT.start("polls", WALKED, "1s")) {
            tell("polls", child);
        }
    }

    private static void tell(String mode, ChildJvm child) throws Exception {
        System.out.println("KeyWalksIT: " + mode + ": gone after "
                + OneSelectorIT.took(child, mode).goneMillis() + " ms");
    }
}
