package io.socketreaper.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.socketreaper.stack.nio.NioWeaving;
import io.socketreaper.stack.nio.ServerSocketWeaving;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeaverTest {
    private static final String CHANNEL = "sun/nio/ch/SocketChannelImpl";
    private static final String SERVER = "sun/nio/ch/ServerSocketChannelImpl";
    private static final String NET = "sun/nio/ch/Net";
    private static final String SELECTOR = "sun/nio/ch/EPollSelectorImpl";

    private final List<String> woven = new ArrayList<>();
    private final List<Throwable> refusals = new ArrayList<>();
    private final List<Throwable> lacking = new ArrayList<>();
    private final Weaver.Listener listener = new Weaver.Listener() {
        @Override
        public void woven(WovenClass its) {
            woven.add(its.name());
        }

        @Override
        public void refused(Throwable why) {
            refusals.add(why);
        }

        @Override
        public void lacking(String unnoticed, Throwable why) {
            lacking.add(why);
        }

        @Override
        public void missed() {
            missed++;
        }
    };
    private int missed;
    private final Weaver weaver = new Weaver(new NioWeaving(false), listener);

    @Test
    void weavesTheClassesOfItsStackAndSaysSo() throws IOException {
        assertNotNull(transform(null, CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        assertNotNull(transform(null, SELECTOR, ClassFiles.ofJdk(SELECTOR)));
        assertEquals(List.of(CHANNEL, SELECTOR), woven);
        assertEquals(List.of(), refusals);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java/lang/String",
                "sun/nio/ch/SocketChannelImpl$DefaultOptionsHolder",
                "sun/nio/ch/ServerSocketChannelImpl"
            })
    void leavesEveryOtherClassAlone(String other) {
        assertNull(transform(null, other, new byte[0]));
        assertEquals(List.of(), refusals);
    }

    @Test
    void leavesAClassWithoutANameAlone() {
        assertNull(transform(null, null, new byte[0]));
    }

    @Test
    void leavesAnApplicationsClassOfTheSameNameAlone() throws IOException {
        assertNull(transform(getClass().getClassLoader(), CHANNEL, ClassFiles.ofJdk(CHANNEL)));
        assertEquals(List.of(), woven);
    }

    @Test
    void afterOneUnknownClassTheWholeStackIsLeftAloneAndItIsSaidOnce() throws IOException {
        var unknown =
                ClassFiles.renamed(ClassFiles.ofJdk(CHANNEL), name -> name.equals("endRead") ? "finishRead" : name);
        assertNull(transform(null, CHANNEL, unknown));
        assertNull(transform(null, SELECTOR, ClassFiles.ofJdk(SELECTOR)));
        assertNull(transform(null, CHANNEL, unknown));
        assertEquals(List.of(), woven);
        assertEquals(1, refusals.size());
        assertInstanceOf(UnknownInternalsException.class, refusals.get(0));
    }

    @Test
    void aClassFileThatCannotEvenBeReadIsRefusedAndNotThrown() {
        assertNull(transform(null, CHANNEL, new byte[] {1, 2, 3}));
        assertEquals(1, refusals.size());
    }

    /** A JDK that makes its sockets elsewhere costs the rescue, not the watching of listeners. */
    @Test
    void withoutAClassThatTellsOfFailuresOnlyTheRestOfTheStackIsWoven() throws IOException {
        var servers = new Weaver(new ServerSocketWeaving(true), listener);
        var unknown =
                ClassFiles.renamed(ClassFiles.ofJdk(NET), name -> name.equals("serverSocket") ? "listener" : name);
        assertNull(servers.transform(null, NET, null, null, unknown));
        assertNotNull(servers.transform(null, SERVER, null, null, ClassFiles.ofJdk(SERVER)));
        assertEquals(List.of(SERVER), woven);
        assertEquals(List.of(), refusals);
        assertEquals(
                "of sun.nio.ch.Net only 1 of 2 known members were found",
                lacking.get(0).getMessage());
    }

    /** The application is at the end of its stack when it comes to its first socket, or the heap is full. */
    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class})
    void aClassThatCannotBeWovenNowIsNoUnknownClass(Class<? extends Error> usedUp) throws Exception {
        var failure = usedUp.getConstructor().newInstance();
        var fails = new AtomicBoolean(true);
        var deep = new Weaver(
                new StackWeaving() {
                    {
                        ofJdk(CHANNEL).tellsOfUse();
                    }

                    @Override
                    protected void describe(WovenClass its, HookTable table) {
                        if (fails.get()) {
                            throw failure;
                        }
                        table.method("implCloseSelectableChannel()V", HookCall.released());
                    }
                },
                listener);
        assertNull(deep.transform(null, CHANNEL, null, null, ClassFiles.ofJdk(CHANNEL)));
        assertEquals(1, missed);
        assertEquals(List.of(), refusals);
        assertEquals(List.of(), woven);

        fails.set(false);
        deep.transform(null, CHANNEL, null, null, ClassFiles.ofJdk(CHANNEL));
        assertEquals(List.of(CHANNEL), woven, refusals::toString);
    }

    private byte[] transform(ClassLoader loader, String name, byte[] classFile) {
        return weaver.transform(loader, name, null, null, classFile);
    }
}
