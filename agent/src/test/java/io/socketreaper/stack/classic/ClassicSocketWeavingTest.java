package io.socketreaper.stack.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.UnknownInternalsException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassicSocketWeavingTest {
    private static final String IMPLEMENTATION = "sun/nio/ch/NioSocketImpl";
    private static final String TLS_INPUT = "sun/security/ssl/SSLSocketImpl$AppInputStream";
    private static final String FRONT = "java/net/Socket";

    private final ClassicSocketWeaving weaving = new ClassicSocketWeaving(false);

    @Test
    void theImplementationCallsTheHookInThesePlacesAndNowhereElse() throws Exception {
        var calls = ClassFiles.hookCalls(weaving.weave(null, IMPLEMENTATION, ClassFiles.ofJdk(IMPLEMENTATION)));
        assertTrue(calls.remove("read([BII)I calls returned") > 0);
        assertEquals(
                Map.of(
                        "shutdownOutput()V calls halfClosed",
                        1,
                        "endRead(Z)V calls read",
                        1,
                        "close()V calls closed",
                        1,
                        "available()I calls polledInput",
                        1,
                        "accept(Ljava/net/SocketImpl;)V calls failed",
                        1),
                calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "available"})
    void anImplementationThatLacksAMethodWhichOnlyTellsMoreIsWovenWithoutIt(String missing) throws Exception {
        var calls = ClassFiles.hookCalls(weaving.weave(
                null,
                IMPLEMENTATION,
                ClassFiles.renamed(
                        ClassFiles.ofJdk(IMPLEMENTATION),
                        name -> name.equals(missing) ? name + "OfAnotherJdk" : name)));
        assertEquals(5, calls.size(), calls::toString);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTlsGivesToTheApplicationIsTold(boolean all) throws Exception {
        var calls =
                ClassFiles.hookCalls(new ClassicSocketWeaving(all).weave(null, TLS_INPUT, ClassFiles.ofJdk(TLS_INPUT)));
        assertEquals(Set.of("read([BII)I calls returnedAbove", "available()I calls polledAbove"), calls.keySet());
        assertTrue(new ClassicSocketWeaving(all).weaves(null, TLS_INPUT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"this$0", "read", "available"})
    void aTlsThatIsBuiltInAnotherWayTellsLess(String missing) throws Exception {
        var calls = ClassFiles.hookCalls(weaving.weave(
                null,
                TLS_INPUT,
                ClassFiles.renamed(
                        ClassFiles.ofJdk(TLS_INPUT), name -> name.equals(missing) ? name + "OfAnotherJdk" : name)));
        assertEquals(missing.equals("this$0") ? 0 : 1, calls.size(), calls::toString);
    }

    @Test
    void theSocketNamesItselfAfterAHalfClose() throws Exception {
        assertEquals(
                Map.of("shutdownOutput()V calls heldThrough", 1),
                ClassFiles.hookCalls(weaving.weave(null, FRONT, ClassFiles.ofJdk(FRONT))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"isOutputClosed", "shutdownOutput", "endRead", "close", "accept"})
    void anImplementationThatLacksAMemberIsRefused(String missing) throws Exception {
        var unknown = ClassFiles.renamed(
                ClassFiles.ofJdk(IMPLEMENTATION), name -> name.equals(missing) ? name + "OfAnotherJdk" : name);
        var refusal = assertThrows(UnknownInternalsException.class, () -> weaving.weave(null, IMPLEMENTATION, unknown));
        assertEquals("of sun.nio.ch.NioSocketImpl only 4 of 5 known members were found", refusal.getMessage());
    }
}
