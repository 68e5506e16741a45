package io.socketreaper.stack.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.UnknownInternalsException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSocketWeavingTest {
    private static final String SERVER = "sun/nio/ch/ServerSocketChannelImpl";
    private static final String NET = "sun/nio/ch/Net";
    private static final String UNIX = "sun/nio/ch/UnixDomainSockets";

    @Test
    void failuresToAcceptAndToOpenAreTold() throws Exception {
        var weaving = new ServerSocketWeaving(false);

        assertEquals(
                Map.of(
                        "accept()Ljava/nio/channels/SocketChannel; calls failed",
                        1,
                        "blockingAccept(J)Ljava/nio/channels/SocketChannel; calls failed",
                        1),
                ClassFiles.hookCalls(weaving.weave(null, SERVER, ClassFiles.ofJdk(SERVER))));
        var inNet = ClassFiles.hookCalls(weaving.weave(null, NET, ClassFiles.ofJdk(NET)));
        assertEquals(2, inNet.size(), inNet::toString);
        assertEquals(1, inNet.get("socket(Ljava/net/ProtocolFamily;Z)Ljava/io/FileDescriptor; calls failed"));
        assertEquals(
                1,
                inNet.keySet().stream()
                        .filter(call -> call.startsWith("serverSocket(Ljava/net/ProtocolFamily;"))
                        .count());
        assertEquals(
                Map.of("socket()Ljava/io/FileDescriptor; calls failed", 1),
                ClassFiles.hookCalls(weaving.weave(null, UNIX, ClassFiles.ofJdk(UNIX))));
    }

    /** Else a socket that cannot be made there would not be heard of. */
    @ParameterizedTest
    @ValueSource(strings = {NET, UNIX})
    void everyMethodThatMakesASocketIsWoven(String where) throws Exception {
        var woven = new ServerSocketWeaving(false).weave(null, where, ClassFiles.ofJdk(where));

        assertFalse(ClassFiles.callersOf("socket0", woven).isEmpty());
        assertEquals(ClassFiles.callersOf("socket0", woven), ClassFiles.callersOf("failed", woven));
    }

    @Test
    void toTrackAllItCallsTheHookWhereAListenerBeginsAndEndsToo() throws Exception {
        var calls = ClassFiles.hookCalls(new ServerSocketWeaving(true).weave(null, SERVER, ClassFiles.ofJdk(SERVER)));

        assertEquals(5, calls.size(), calls::toString);
        assertEquals(
                2,
                calls.keySet().stream()
                        .filter(call -> call.startsWith("<init>") && call.endsWith(" calls opened"))
                        .count());
        assertEquals(
                1,
                calls.keySet().stream()
                        .filter("tryClose()Z calls released"::equals)
                        .count());
    }

    @ParameterizedTest
    @CsvSource({"accept, false, 1 of 2", "blockingAccept, false, 1 of 2", "tryClose, true, 4 of 5"})
    void aListenerThatLacksAMemberIsRefused(String missing, boolean all, String found) throws Exception {
        var unknown = ClassFiles.renamed(
                ClassFiles.ofJdk(SERVER), name -> name.equals(missing) ? name + "OfAnotherJdk" : name);
        var refusal = assertThrows(
                UnknownInternalsException.class, () -> new ServerSocketWeaving(all).weave(null, SERVER, unknown));

        assertEquals(
                "of sun.nio.ch.ServerSocketChannelImpl only " + found + " known members were found",
                refusal.getMessage());
    }
}
