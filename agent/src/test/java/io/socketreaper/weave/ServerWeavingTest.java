package io.socketreaper.weave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerWeavingTest {
    private static final String SERVER = "sun/nio/ch/ServerSocketChannelImpl";
    private static final String NET = "sun/nio/ch/Net";

    @Test
    void failuresToAcceptAndToOpenAreTold() throws Exception {
        var weaving = new ServerWeaving(false);

        assertEquals(Map.of("accept()Ljava/nio/channels/SocketChannel; calls failed", 1,
                "blockingAccept(J)Ljava/nio/channels/SocketChannel; calls failed", 1),
                ClassFiles.hookCalls(weaving.weave(SERVER, ClassFiles.ofJdk(SERVER))));
        assertEquals(Map.of("socket(Ljava/net/ProtocolFamily;Z)Ljava/io/FileDescriptor; calls failed", 1),
                ClassFiles.hookCalls(weaving.weave(NET, ClassFiles.ofJdk(NET))));
    }

    @Test
    void toTrackAllItCallsTheHookWhereAListenerBeginsAndEndsToo() throws Exception {
        var calls = ClassFiles.hookCalls(new ServerWeaving(true).weave(SERVER, ClassFiles.ofJdk(SERVER)));

        assertEquals(5, calls.size(), calls::toString);
        assertEquals(2, calls.keySet().stream().filter(call -> call.startsWith("<init>") && call.endsWith(" calls opened")).count());
        assertEquals(1, calls.keySet().stream().filter("tryClose()Z calls released"::equals).count());
    }

    @ParameterizedTest
    @CsvSource({"accept, false, 1 of 2", "blockingAccept, false, 1 of 2", "tryClose, true, 4 of 5"})
    void aListenerThatLacksAMemberIsRefused(String missing, boolean all, String found) throws Exception {
        var unknown = ClassFiles.renamed(ClassFiles.ofJdk(SERVER), name -> name.equals(missing) ? name + "OfAnotherJdk" : name);
        var refusal = assertThrows(UnknownInternalsException.class, () -> new ServerWeaving(all).weave(SERVER, unknown));

        assertEquals("of sun.nio.ch.ServerSocketChannelImpl only " + found + " known members were found", refusal.getMessage());
    }
}
