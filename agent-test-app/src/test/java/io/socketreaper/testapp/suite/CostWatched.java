package io.socketreaper.testapp.suite;

import io.socketreaper.junit.NoSocketLeaks;
import org.junit.jupiter.api.RepeatedTest;

/** What a test costs that opens no socket. */
@NoSocketLeaks
class CostWatched {
    @RepeatedTest(300)
    void nothing() {
        // measured from outside
    }
}
