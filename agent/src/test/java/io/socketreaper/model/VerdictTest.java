package io.socketreaper.model;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void aLeakThatIsExcludedIsNeitherAliveNorToBeReleased() {
        assertTrue(Verdict.LEAK.isLeak());
        assertFalse(Verdict.LEAK.isAlive());
        assertFalse(Verdict.EXCLUDED.isLeak());
        assertFalse(Verdict.EXCLUDED.isAlive());
        assertFalse(Verdict.alive(Veto.SHARED).isLeak());
        assertTrue(Verdict.alive(Veto.SHARED).isAlive());
    }
}
