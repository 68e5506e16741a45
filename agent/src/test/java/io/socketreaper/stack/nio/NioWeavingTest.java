package io.socketreaper.stack.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.UnknownInternalsException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NioWeavingTest {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";

    private final NioWeaving weaving = new NioWeaving(false);

    /** Those that return what a read has brought; around them are the events of JFR in later JDKs. */
    private static final Set<String> READS = Runtime.version().feature() < 22
            ? Set.of("read(Ljava/nio/ByteBuffer;)I", "read([Ljava/nio/ByteBuffer;II)J", "blockingRead([BIIJ)I")
            : Set.of("implRead(Ljava/nio/ByteBuffer;)I", "implRead([Ljava/nio/ByteBuffer;II)J", "blockingRead([BIIJ)I");

    @Test
    void theChannelCallsTheHookInThesePlacesAndNowhereElse() throws Exception {
        var calls = ClassFiles.hookCalls(weaving.weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        for (var read : READS) {
            assertTrue(calls.remove(read + " calls returned") > 0, read);
        }
        assertEquals(
                Map.of(
                        "shutdownOutput()Ljava/nio/channels/SocketChannel; calls halfClosed", 1,
                        "endRead(ZZ)V calls read", 1,
                        "available()I calls polledInput", 1,
                        "implCloseSelectableChannel()V calls closed", 1),
                calls);
    }

    /** Of a socket that is well, half-closed alone being of interest, only the field is looked at. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyReturnOfAReadIsToldAndNothingElseOfItChanges(boolean all) throws Exception {
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(CHANNEL));
        var after = ClassFiles.opcodes(new NioWeaving(all).weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        for (var read : READS) {
            boolean isLong = read.endsWith("J");
            var told = (isLong ? "92\n" : "89\n") + (all ? "4\n" : "25 0\n180 " + CHANNEL + " isOutputClosed Z\n")
                    + "25 0\n184 sun/nio/ch/SocketReaperHook returned (" + (isLong ? "J" : "I")
                    + "ZLjava/lang/Object;)V\n";
            var returns = (isLong ? "173" : "172") + "\n";
            assertEquals(before.get(read), after.get(read).replace(told + returns, returns), read);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "implRead", "blockingRead", "available"})
    void aChannelThatLacksAMethodWhichOnlyTellsMoreIsWovenWithoutIt(String missing) throws Exception {
        var calls = ClassFiles.hookCalls(weaving.weave(null, CHANNEL, renamed(CHANNEL, missing)));
        assertEquals(
                Set.of(),
                calls.keySet().stream()
                        .filter(call -> call.startsWith(missing + "("))
                        .collect(Collectors.toSet()));
        assertEquals(1, calls.get("endRead(ZZ)V calls read"));
    }

    @Test
    void toTrackAllItCallsTheHookWhereASocketBeginsAndEndsToo() throws Exception {
        var calls = ClassFiles.hookCalls(new NioWeaving(true).weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL)));

        assertEquals(
                8 + READS.size(),
                calls.values().stream()
                        .mapToInt(Integer::intValue)
                        .filter(count -> count > 0)
                        .count(),
                calls::toString);
        assertEquals(
                2,
                calls.keySet().stream()
                        .filter(call -> call.startsWith("<init>") && call.endsWith(" calls opened"))
                        .count());
        assertEquals(1, calls.get("endWrite(ZZ)V calls wrote"));
        assertEquals(1, calls.get("endRead(ZZ)V calls read"));
        assertTrue(calls.containsKey("tryClose()Z calls released"), calls::toString);
    }

    @Test
    void aFileThatIsSentIsToldWhenItBeginsAndEndsWithTrackAllAlone() throws Exception {
        var file = "sun/nio/ch/FileChannelImpl";
        var transfer = "transferTo(JJLjava/nio/channels/WritableByteChannel;)J";
        assertFalse(weaving.weaves(null, file));
        assertTrue(new NioWeaving(true).weaves(null, file));
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(file));
        var after = ClassFiles.opcodes(new NioWeaving(true).weave(null, file, ClassFiles.ofJdk(file)));
        var told = "25 5\n184 sun/nio/ch/SocketReaperHook transferred (Ljava/lang/Object;)V\n";
        assertEquals(told + before.get(transfer).replace("173", told + "173"), after.get(transfer));
        after.put(transfer, before.get(transfer));
        assertEquals(before, after);
    }

    @Test
    void withoutItTheStackIsWatchedAndSaysWhatItDoesNotHear() throws Exception {
        var file = "sun/nio/ch/FileChannelImpl";
        var all = new NioWeaving(true);
        assertThrows(UnknownInternalsException.class, () -> all.weave(null, file, renamed(file, "transferTo")));
        assertEquals("the sending of a file", all.find(null, file).unnoticed());
        assertNull(all.find(null, CHANNEL).unnoticed());
    }

    @Test
    void aSelectorTellsWhenASelectionBegins() throws Exception {
        String selector = "sun/nio/ch/SelectorImpl";

        assertEquals(
                Map.of(
                        "lockAndDoSelect(Ljava/util/function/Consumer;J)I calls selecting", 1,
                        "lockAndDoSelect(Ljava/util/function/Consumer;J)I calls repeat", 1),
                ClassFiles.hookCalls(weaving.weave(null, selector, ClassFiles.ofJdk(selector))));
    }

    @Test
    void aKeyTellsOfEachInterestThatIsSetAddedOrLookedAtAndNothingElseOfItChanges() throws Exception {
        var key = "sun/nio/ch/SelectionKeyImpl";
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(key));
        var after = ClassFiles.opcodes(weaving.weave(null, key, ClassFiles.ofJdk(key)));
        var asked = "21 1\n25 0\n184 sun/nio/ch/SocketReaperHook asked (ILjava/lang/Object;)V\n";
        for (var method : List.of("interestOps(I)Ljava/nio/channels/SelectionKey;", "interestOpsOr(I)I")) {
            var woven = after.put(method, before.get(method));
            assertEquals(before.get(method), woven.replace(asked, ""));
            var places = Pattern.compile("^" + Pattern.quote(asked) + "(?s:.*)" + Pattern.quote(asked) + "17[26]$");
            assertTrue(places.matcher(woven).find(), woven);
        }
        var seen = "89\n25 0\n184 sun/nio/ch/SocketReaperHook seen (ILjava/lang/Object;)V\n";
        var look = after.put("interestOps()I", before.get("interestOps()I"));
        assertEquals(
                seen.replace("89", "25 0\n180 " + key + " interestOps I")
                        + before.get("interestOps()I").replaceAll("172$", seen + "172"),
                look);
        assertEquals(before, after);
    }

    @ParameterizedTest
    @ValueSource(strings = {"endWrite", "tryClose"})
    void aChannelThatLacksAMemberThatOnlyTrackAllNeedsIsRefusedThenAlone(String missing) throws Exception {
        var unknown = renamed(CHANNEL, missing);
        weaving.weave(null, CHANNEL, unknown);
        var refusal =
                assertThrows(UnknownInternalsException.class, () -> new NioWeaving(true).weave(null, CHANNEL, unknown));
        assertEquals("of sun.nio.ch.SocketChannelImpl only 7 of 8 known members were found", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sun/nio/ch/EPollSelectorImpl", "sun/nio/ch/PollSelectorImpl"})
    void theSelectorCallsTheHookWhereTheJdkUpdatesAnInterest(String selector) throws Exception {
        var calls = ClassFiles.hookCalls(weaving.weave(null, selector, ClassFiles.ofJdk(selector)));
        calls.remove("clearInterrupt()V calls woken");
        assertEquals(Map.of("setEventOps(Lsun/nio/ch/SelectionKeyImpl;)V calls interestChanged", 1), calls);
    }

    @Test
    void everyOtherMethodIsLeftAsItWas() throws Exception {
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(CHANNEL));
        var after = ClassFiles.opcodes(weaving.weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        assertEquals(before.keySet(), after.keySet());
        var woven = Set.of(
                "shutdownOutput()Ljava/nio/channels/SocketChannel;",
                "endRead(ZZ)V",
                "implCloseSelectableChannel()V",
                "available()I");
        for (var method : before.keySet()) {
            if (woven.contains(method)) {
                // What was there is still there, in order, with the call before or after it.
                assertTrue(
                        after.get(method).endsWith(before.get(method)) || method.startsWith("shutdownOutput"), method);
            } else if (!READS.contains(method)) {
                assertEquals(before.get(method), after.get(method), method);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"isOutputClosed", "shutdownOutput", "endRead", "implCloseSelectableChannel"})
    void aChannelThatLacksAMemberIsRefused(String missing) throws Exception {
        var unknown = renamed(CHANNEL, missing);
        var refusal = assertThrows(UnknownInternalsException.class, () -> weaving.weave(null, CHANNEL, unknown));
        assertEquals("of sun.nio.ch.SocketChannelImpl only 3 of 4 known members were found", refusal.getMessage());
    }

    @Test
    void aSelectorThatLacksItsMethodIsRefused() throws IOException {
        var unknown = renamed("sun/nio/ch/EPollSelectorImpl", "setEventOps");
        assertThrows(
                UnknownInternalsException.class, () -> weaving.weave(null, "sun/nio/ch/EPollSelectorImpl", unknown));
    }

    private static byte[] renamed(String internalName, String member) throws IOException {
        return ClassFiles.renamed(
                ClassFiles.ofJdk(internalName), name -> name.equals(member) ? name + "OfAnotherJdk" : name);
    }
}
