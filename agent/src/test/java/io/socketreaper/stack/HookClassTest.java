package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SocketReaperHook;

class HookClassTest {
    /** What an agent of another version has left behind. */
    public static final class Other {
        public static final int VERSION = SocketReaperHook.VERSION + 1;
    }

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = HookClassTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    @Test
    void theHookThatAnAgentOfTheSameVersionHasLeftIsUsedAgain() {
        assertDoesNotThrow(() -> HookClass.define(new byte[0]));
    }

    /**
     * If this fails, what woven code can call has changed: raise {@link SocketReaperHook#VERSION}, and put the version and the number that the
     * failure shows here.
     */
    @Test
    void aChangeOfWhatWovenCodeCallsIsAChangeOfTheVersion() {
        String members = Arrays.stream(SocketReaperHook.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .map(Method::toString)
                .sorted()
                .collect(Collectors.joining("\n"));
        assertEquals("6: ef58372a", SocketReaperHook.VERSION + ": " + Integer.toHexString(members.hashCode()), members);
    }

    /** Woven code would call what is not there, on the application's threads. */
    @Test
    void thatOfAnotherVersionIsNot() {
        assertThrows(ReflectiveOperationException.class, () -> HookClass.checkVersion(Other.class));
        assertThrows(
                ReflectiveOperationException.class,
                () -> HookClass.checkVersion(Object.class),
                "from before there were versions");
    }
}
