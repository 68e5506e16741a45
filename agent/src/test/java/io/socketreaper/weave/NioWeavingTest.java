package io.socketreaper.weave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NioWeavingTest {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";

    private final NioWeaving weaving = new NioWeaving(false);

    @Test
    void theChannelCallsTheHookInThreePlacesAndNowhereElse() throws Exception {
        assertEquals(Map.of(
                "shutdownOutput()Ljava/nio/channels/SocketChannel; calls halfClosed", 1,
                "endRead(ZZ)V calls read", 1,
                "implCloseSelectableChannel()V calls closed", 1), ClassFiles.hookCalls(weaving.weave(CHANNEL, ClassFiles.ofJdk(CHANNEL))));
    }

    @Test
    void toTrackAllItCallsTheHookWhereASocketBeginsAndEndsToo() throws Exception {
        var calls = ClassFiles.hookCalls(new NioWeaving(true).weave(CHANNEL, ClassFiles.ofJdk(CHANNEL)));

        assertEquals(7, calls.values().stream().mapToInt(Integer::intValue).filter(count -> count > 0).count(), calls::toString);
        assertEquals(2, calls.keySet().stream().filter(call -> call.startsWith("<init>") && call.endsWith(" calls opened")).count());
        assertEquals(1, calls.get("endWrite(ZZ)V calls wrote"));
        assertEquals(1, calls.get("endRead(ZZ)V calls read"));
        assertTrue(calls.containsKey("tryClose()Z calls released"), calls::toString);
    }

    @Test
    void aSelectorTellsWhenASelectionBegins() throws Exception {
        String selector = "sun/nio/ch/SelectorImpl";

        assertEquals(Map.of("lockAndDoSelect(Ljava/util/function/Consumer;J)I calls selecting", 1),
                ClassFiles.hookCalls(weaving.weave(selector, ClassFiles.ofJdk(selector))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"endWrite", "tryClose"})
    void aChannelThatLacksAMemberThatOnlyTrackAllNeedsIsRefusedThenAlone(String missing) throws Exception {
        var unknown = renamed(CHANNEL, missing);
        weaving.weave(CHANNEL, unknown);
        var refusal = assertThrows(UnknownInternalsException.class, () -> new NioWeaving(true).weave(CHANNEL, unknown));
        assertEquals("of sun.nio.ch.SocketChannelImpl only 7 of 8 known members were found", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sun/nio/ch/EPollSelectorImpl", "sun/nio/ch/PollSelectorImpl"})
    void theSelectorCallsTheHookWhereTheJdkUpdatesAnInterest(String selector) throws Exception {
        assertEquals(Map.of("setEventOps(Lsun/nio/ch/SelectionKeyImpl;)V calls interestChanged", 1),
                ClassFiles.hookCalls(weaving.weave(selector, ClassFiles.ofJdk(selector))));
    }

    @Test
    void everyOtherMethodIsLeftAsItWas() throws Exception {
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(CHANNEL));
        var after = ClassFiles.opcodes(weaving.weave(CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        assertEquals(before.keySet(), after.keySet());
        var woven = Set.of("shutdownOutput()Ljava/nio/channels/SocketChannel;", "endRead(ZZ)V", "implCloseSelectableChannel()V");
        for (var method : before.keySet()) {
            if (woven.contains(method)) {
                // What was there is still there, in order, with the call before or after it.
                assertTrue(after.get(method).endsWith(before.get(method)) || method.startsWith("shutdownOutput"), method);
            } else {
                assertEquals(before.get(method), after.get(method), method);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"isOutputClosed", "shutdownOutput", "endRead", "implCloseSelectableChannel"})
    void aChannelThatLacksAMemberIsRefused(String missing) throws Exception {
        var unknown = renamed(CHANNEL, missing);
        var refusal = assertThrows(UnknownInternalsException.class, () -> weaving.weave(CHANNEL, unknown));
        assertEquals("of sun.nio.ch.SocketChannelImpl only 3 of 4 known members were found", refusal.getMessage());
    }

    @Test
    void aSelectorThatLacksItsMethodIsRefused() throws IOException {
        var unknown = renamed("sun/nio/ch/EPollSelectorImpl", "setEventOps");
        assertThrows(UnknownInternalsException.class, () -> weaving.weave("sun/nio/ch/EPollSelectorImpl", unknown));
    }

    private static byte[] renamed(String internalName, String member) throws IOException {
        return ClassFiles.renamed(ClassFiles.ofJdk(internalName), name -> name.equals(member) ? name + "OfAnotherJdk" : name);
    }
}
