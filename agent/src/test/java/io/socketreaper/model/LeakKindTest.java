package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeakKindTest {
    @ParameterizedTest
    @EnumSource(LeakKind.class)
    void aKindIsFoundByItsWordAndOnlyOneIsOnlyReported(LeakKind kind) {
        assertEquals(kind, LeakKind.named(kind.toString()));
        assertEquals(kind == LeakKind.NEVER_CONNECTED, kind.isOnlyReported());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "half closed", "HALF_CLOSED"})
    void anotherWordIsNoKind(String word) {
        assertNull(LeakKind.named(word));
    }
}
