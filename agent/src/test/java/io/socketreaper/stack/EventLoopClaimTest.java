package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.model.SocketSnapshot;
import io.socketreaper.stack.Claim.State;
import org.junit.jupiter.api.Test;

/** What an event loop of the application's runs for the agent. */
class EventLoopClaimTest {
    private static final StackOverflowError FAILURE = new StackOverflowError("imaginary");

    private final EventLoopClaim claim = new EventLoopClaim("imaginary", SocketSnapshot.unused(), () -> {
        throw FAILURE;
    });

    @Test
    void theEventLoopHearsNothingOfAClaimThatFails() {
        assertDoesNotThrow(claim::run);
    }

    @Test
    void itsReleaseGoesOnWithTheClaimThatTheLoopHasMade() {
        var request = new EventLoopClaim("imaginary", SocketSnapshot.unused(), () -> claim);
        assertThrows(IllegalStateException.class, request::made);
        request.run();

        assertEquals(State.CLAIMED, request.state());
        assertSame(claim, request.made());
    }

    @Test
    void theReaperThreadHearsOfItOnceAndThenItIsRefused() {
        assertDoesNotThrow(claim::run);
        assertSame(
                FAILURE, assertThrows(IllegalStateException.class, claim::state).getCause());
        assertEquals(State.REFUSED, claim.state());
        assertFalse(claim.withdraw());
    }
}
