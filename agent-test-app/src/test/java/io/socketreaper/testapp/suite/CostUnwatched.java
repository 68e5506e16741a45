package io.socketreaper.testapp.suite;

import org.junit.jupiter.api.RepeatedTest;

/** The same as {@link CostWatched} without it. */
class CostUnwatched {
    @RepeatedTest(300)
    void nothing() {
        // measured from outside
    }
}
