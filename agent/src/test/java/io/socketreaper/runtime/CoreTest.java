package io.socketreaper.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.socketreaper.bootstrap.StartSlots;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sun.nio.ch.SocketReaperHook;

class CoreTest {
    /** What they have woven would otherwise tell the next agent of everything twice. */
    @Test
    void aStartThatFailsLeavesNoTransformerBehind() {
        var there = new ArrayList<Object>();
        var added = new ArrayList<Object>();
        var failures = new ArrayList<>(List.of(new IllegalStateException("no memory for a thread")));
        var instrumentation = (Instrumentation) Proxy.newProxyInstance(
                CoreTest.class.getClassLoader(), new Class<?>[] {Instrumentation.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "addTransformer" -> {
                            added.add(arguments[0]);
                            there.add(arguments[0]);
                        }
                        case "removeTransformer" -> {
                            return there.remove(arguments[0]);
                        }
                        case "getAllLoadedClasses" -> {
                            if (!failures.isEmpty()) {
                                throw failures.remove(0);
                            }
                            return new Class<?>[0];
                        }
                        default -> {}
                    }
                    return null;
                });

        var slots = new Object[StartSlots.COUNT];
        slots[StartSlots.ARGUMENTS] = "";
        slots[StartSlots.INSTRUMENTATION] = instrumentation;
        slots[StartSlots.ATTACHED] = false;
        Core.start(new BootstrapLink(slots));
        assertNotEquals(List.of(), added);
        assertEquals(List.of(), there);
        assertFalse(SocketReaperHook.isTaken());
    }
}
