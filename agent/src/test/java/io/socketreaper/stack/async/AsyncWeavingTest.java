package io.socketreaper.stack.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.UnknownInternalsException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsyncWeavingTest {
    private static final String CHANNEL = "sun/nio/ch/AsynchronousSocketChannelImpl";
    private static final String UNIX_CHANNEL = "sun/nio/ch/UnixAsynchronousSocketChannelImpl";
    private static final String SERVER = "sun/nio/ch/UnixAsynchronousServerSocketChannelImpl";
    private static final String SHUTDOWN_OUTPUT = "shutdownOutput()Ljava/nio/channels/AsynchronousSocketChannel;";
    private static final String ACCEPT =
            "implAccept(Ljava/lang/Object;Ljava/nio/channels/CompletionHandler;)Ljava/util/concurrent/Future;";

    private static final String READ =
            "implRead(ZLjava/nio/ByteBuffer;[Ljava/nio/ByteBuffer;JLjava/util/concurrent/TimeUnit;"
                    + "Ljava/lang/Object;Ljava/nio/channels/CompletionHandler;)Ljava/util/concurrent/Future;";

    private final AsyncWeaving weaving = new AsyncWeaving(false);
    private final AsyncWeaving weavingAll = new AsyncWeaving(true);

    @Test
    void theChannelCallsTheHookInThreePlacesAndNowhereElse() throws Exception {
        assertEquals(
                Map.of(
                        SHUTDOWN_OUTPUT + " calls halfClosed",
                        1,
                        "enableReading(Z)V calls readEnded",
                        1,
                        "close()V calls closed",
                        1),
                ClassFiles.hookCalls(weaving.weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL))));
    }

    @Test
    void withTrackAllItAlsoTellsOfOpeningsAndWritesAndTheDescriptorsEnd() throws Exception {
        assertEquals(
                Map.of(
                        "<init>(Lsun/nio/ch/AsynchronousChannelGroupImpl;)V calls opened",
                        1,
                        "<init>(Lsun/nio/ch/AsynchronousChannelGroupImpl;Ljava/io/FileDescriptor;Ljava/net/InetSocketAddress;)V calls opened",
                        1,
                        SHUTDOWN_OUTPUT + " calls halfClosed",
                        1,
                        "enableReading(Z)V calls readEnded",
                        1,
                        "enableWriting(Z)V calls wrote",
                        1,
                        "close()V calls closed",
                        1),
                ClassFiles.hookCalls(weavingAll.weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL))));
        assertEquals(
                Map.of(
                        "implClose()V calls released",
                        1,
                        "finishRead(Z)V calls completed",
                        2,
                        READ + " calls completed",
                        2),
                ClassFiles.hookCalls(weavingAll.weave(null, UNIX_CHANNEL, ClassFiles.ofJdk(UNIX_CHANNEL))));
        for (var name : List.of(CHANNEL, UNIX_CHANNEL, SERVER)) {
            assertTrue(weavingAll.weaves(null, name), name);
        }
    }

    @Test
    void whatAReadHasBroughtIsToldWhereItsResultIsMade() throws Exception {
        assertEquals(
                Map.of("finishRead(Z)V calls completed", 2, READ + " calls completed", 2),
                ClassFiles.hookCalls(weaving.weave(null, UNIX_CHANNEL, ClassFiles.ofJdk(UNIX_CHANNEL))));
        for (var name : List.of(CHANNEL, UNIX_CHANNEL, SERVER)) {
            assertTrue(weaving.weaves(null, name), name);
        }
        var unknown = ClassFiles.renamed(ClassFiles.ofJdk(UNIX_CHANNEL), name -> name + "OfAnotherJdk");
        assertEquals(Map.of(), ClassFiles.hookCalls(weaving.weave(null, UNIX_CHANNEL, unknown)), "it tells less then");
    }

    /** Nothing that the close itself throws, after the descriptor is gone, must keep that from being told. */
    @Test
    void theDescriptorsEndIsToldBeforeAnythingElseOfTheClose() throws Exception {
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(UNIX_CHANNEL)).get("implClose()V");
        var after = ClassFiles.opcodes(weavingAll.weave(null, UNIX_CHANNEL, ClassFiles.ofJdk(UNIX_CHANNEL)))
                .get("implClose()V");
        assertTrue(after.endsWith(before) && after.length() > before.length(), after);
    }

    @Test
    void anAcceptThatFailsIsTold() throws Exception {
        assertEquals(
                Map.of("onEvent(IZ)V calls failed", 1, ACCEPT + " calls failed", 1),
                ClassFiles.hookCalls(weaving.weave(null, SERVER, ClassFiles.ofJdk(SERVER))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyOtherMethodIsLeftAsItWas(boolean all) throws Exception {
        var woven = Set.of(SHUTDOWN_OUTPUT, "enableReading(Z)V", "close()V", "enableWriting(Z)V");
        var before = ClassFiles.opcodes(ClassFiles.ofJdk(CHANNEL));
        var after = ClassFiles.opcodes((all ? weavingAll : weaving).weave(null, CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        assertEquals(before.keySet(), after.keySet());
        for (var method : before.keySet()) {
            if (method.startsWith("<init>") && all) {
                continue;
            }
            if (woven.contains(method)) {
                // What was there is still there, in order, with the call before or after it.
                assertTrue(after.get(method).endsWith(before.get(method)) || method.equals(SHUTDOWN_OUTPUT), method);
            } else {
                assertEquals(before.get(method), after.get(method), method);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"writeShutdown", "shutdownOutput", "close"})
    void aChannelThatLacksAMemberIsRefused(String missing) throws Exception {
        var unknown = ClassFiles.renamed(
                ClassFiles.ofJdk(CHANNEL), name -> name.equals(missing) ? name + "OfAnotherJdk" : name);
        var refusal = assertThrows(UnknownInternalsException.class, () -> weaving.weave(null, CHANNEL, unknown));
        assertEquals(
                "of sun.nio.ch.AsynchronousSocketChannelImpl only 3 of 4 known members were found",
                refusal.getMessage());
    }
}
