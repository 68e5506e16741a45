package io.socketreaper.testapp.report;

import static io.socketreaper.testapp.harness.EventPattern.event;
import static io.socketreaper.testapp.harness.EventPattern.leak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.testapp.harness.ChildJvm;
import io.socketreaper.testapp.harness.Jvm;
import io.socketreaper.testapp.harness.Tool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bugs behind one accept loop are told apart by the line that read the end of input, or that used the socket last. */
class BlameIT {
    private static final String OPENED = "TwoHandlers.accept(TwoHandlers.java:";

    @Test
    void theHandlersOfOneAcceptLoopAreSitesOfTheirOwn() {
        try (var child = server()) {
            for (int i = 0; i < 3; i++) {
                child.tell("orders");
                child.tell("invoices");
            }
            var order = child.awaitEvent(leak("peer-closed").at("\\$Orders\\.handle\\("));
            var invoice = child.awaitEvent(leak("peer-closed").at("\\$Invoices\\.handle\\("));
            assertNotEquals(order.text("site"), invoice.text("site"));
            for (var leak : List.of(order, invoice)) {
                assertEquals("end-of-input", leak.text("blame"), leak::message);
                assertEquals("worker", leak.text("blame_thread"), leak::message);
                assertTrue(leak.list("opening_stack").toString().contains(OPENED), leak::message);
                assertTrue(
                        leak.message().contains(leak.text("location") + ": it read the end of input"), leak::message);
                child.awaitEvent(event("counts").with("site", leak.text("site")).with("found", 3));
            }
            String pid = Long.toString(child.pid());
            Tool.until(
                    child, "blamed: it read the end of input and did not close; opened at .*TwoHandlers", "sites", pid);
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    @Test
    void afterALeakThatReadNoEndTheNextOnesAreBlamedOnTheirLastUse() {
        try (var child = server()) {
            child.tell("prices");
            var first = child.awaitEvent(leak("peer-closed"));
            assertEquals("none", first.text("blame"), first::message);
            assertTrue(first.text("location").contains(OPENED), first::message);
            assertTrue(first.text("blame_missing").contains("was not sampled"), first::message);

            // Answered at the end of a round, in which the sampling has begun.
            String pid = Long.toString(child.pid());
            Tool.until(child, "the line to blame is not known; opened at .*TwoHandlers", "sites", pid);
            child.tell("prices");
            var next = child.awaitEvent(leak("peer-closed").at("\\$Prices\\.answer\\("));
            assertEquals("last-write", next.text("blame"), next::message);
            assertTrue(next.message().contains("    use     last written "), next::message);
            child.tell("end");
            child.awaitEnd().expectExitCode(0);
        }
    }

    private static ChildJvm server() {
        ChildJvm child = Jvm.program(TwoHandlers.class)
                .agent("track=all,probe=off,timeout=1s,log-interval=1s")
                .start();
        return child.awaitWatching();
    }
}
