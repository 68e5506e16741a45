package io.socketreaper.socket;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.judge.Sighting;
import io.socketreaper.socket.Claim.State;
import org.junit.jupiter.api.Test;

/** What an event loop of the application's runs for the agent. */
class AskedClaimTest {
    private static final StackOverflowError FAILURE = new StackOverflowError("imaginary");

    private final AskedClaim claim = new AskedClaim("imaginary", Sighting.unused(), () -> {
        throw FAILURE;
    });

    @Test
    void theEventLoopHearsNothingOfAClaimThatFails() {
        assertDoesNotThrow(claim::run);
    }

    @Test
    void theReaperThreadHearsOfItOnceAndThenItIsRefused() {
        assertDoesNotThrow(claim::run);
        assertSame(FAILURE, assertThrows(IllegalStateException.class, claim::state).getCause());
        assertEquals(State.REFUSED, claim.state());
        assertFalse(claim.withdraw());
    }
}
