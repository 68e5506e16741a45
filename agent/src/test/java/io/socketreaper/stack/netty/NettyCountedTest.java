package io.socketreaper.stack.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.descriptor.ProcDescriptors;
import io.socketreaper.model.Clock;
import io.socketreaper.model.CountedState;
import io.socketreaper.model.OpenState;
import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.SocketHandle;
import io.socketreaper.stack.SocketHandle.QuickCheck;
import io.socketreaper.stack.UnknownInternalsException;
import io.socketreaper.stack.netty.weaving.relocated.netty.buffer.ByteBuf;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.AbstractEpollChannel;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.AbstractEpollServerChannel;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.EpollDatagramChannel;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.EpollEventLoop;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.EpollIoHandler;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.LinuxSocket;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring.IoUringIoHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sun.nio.ch.SocketReaperHook;

/** Event loops, listeners and datagram channels of a relocated Netty. */
class NettyCountedTest {
    private static final ClassLoader LOADER = NettyCountedTest.class.getClassLoader();

    private final NettyStack stack = new NettyStack(new ProcDescriptors(Clock.SYSTEM));
    private final List<Integer> events = new ArrayList<>();

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = NettyCountedTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    static Stream<Arguments> counted() {
        return Stream.of(
                Arguments.of(EpollEventLoop.class, "cleanup", CountedState.EVENT_LOOP, 3),
                Arguments.of(EpollIoHandler.class, "destroy", CountedState.EVENT_LOOP, 3),
                Arguments.of(IoUringIoHandler.class, "destroy", CountedState.EVENT_LOOP, 2),
                Arguments.of(AbstractEpollServerChannel.class, "doClose", CountedState.NATIVE_LISTENER, 1),
                Arguments.of(EpollDatagramChannel.class, "doClose", CountedState.DATAGRAM, 1));
    }

    /** Loads the woven classes beside each other. */
    private final class Application extends ClassLoader {
        Application(Class<?>... types) throws Exception {
            super(null);
            for (Class<?> type : types) {
                String planted = type.getPackageName() + ".SocketReaperHook";
                if (findLoadedClass(planted) == null) {
                    byte[] hook = PlantedHook.classFile(planted.replace('.', '/'));
                    var field = defineClass(planted, hook, 0, hook.length).getDeclaredField("delegate");
                    field.setAccessible(true);
                    field.set(null, (ObjIntConsumer<Object>) (told, event) -> events.add(event));
                }
                byte[] bytes = classFile(type);
                byte[] woven = new NettyWeaving(true).weave(LOADER, internalName(type), bytes);
                defineClass(type.getName(), woven == null ? bytes : woven, 0, (woven == null ? bytes : woven).length);
            }
        }
    }

    private static String internalName(Class<?> type) {
        return type.getName().replace('.', '/');
    }

    private static byte[] classFile(Class<?> type) throws IOException {
        try (var in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @MethodSource("counted")
    void theirBeginningAndTheirEndAreToldOnce(Class<?> type, String closing) throws Exception {
        var application = new Application(ByteBuf.class, LinuxSocket.class, AbstractEpollChannel.class, type);
        Object object = application.loadClass(type.getName()).getConstructor().newInstance();
        assertEquals(List.of(SocketReaperHook.OPENED), events);
        object.getClass().getMethod(closing).invoke(object);
        assertEquals(List.of(SocketReaperHook.OPENED, SocketReaperHook.RELEASED), events);
    }

    @ParameterizedTest
    @MethodSource("counted")
    void theyAreCountedAndNeverShowASign(Class<?> type, String closing, OpenState state, int descriptors)
            throws Exception {
        Object object = type.getConstructor().newInstance();
        SocketHandle handle = stack.handle(object);
        assertNotNull(handle);
        assertEquals(state, handle.openState());
        assertEquals(descriptors, handle.onlyCounted());
        assertEquals(QuickCheck.FINE, handle.quickCheck());
        assertNull(handle.claim(any -> true));
        assertTrue(handle.is(object));

        stack.stopListening();
        assertEquals(QuickCheck.GONE, handle.quickCheck());
    }

    @Test
    void anEventLoopThatWasDroppedKeepsItsDescriptors() throws Exception {
        SocketHandle handle = stack.handle(new EpollIoHandler());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!handle.is(null) && System.nanoTime() - end < 0) {
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(QuickCheck.FINE, handle.quickCheck());
        assertEquals(CountedState.UNREACHABLE, handle.openState());
    }

    @Test
    void anotherObjectOfNettyIsNotCounted() {
        assertNull(stack.handle("a string"));
        assertNull(stack.handle(new LinuxSocket()));
    }

    /** As in Netty 4.2, where its handler has the descriptors. */
    @Test
    void anEventLoopWithoutDescriptorsIsLeftAlone() throws Exception {
        byte[] other =
                ClassFiles.renamed(classFile(EpollEventLoop.class), name -> name.equals("cleanup") ? "other" : name);
        byte[] woven = new NettyWeaving(true).weave(LOADER, internalName(EpollEventLoop.class), other);
        assertTrue(ClassFiles.callersOf("event", woven).isEmpty());
    }

    @Test
    void aNettyWhoseLoopsEndElsewhereIsWatchedWithoutThem() throws IOException {
        var weaving = new NettyWeaving(true);
        String name = internalName(EpollIoHandler.class);
        byte[] other =
                ClassFiles.renamed(classFile(EpollIoHandler.class), own -> own.equals("destroy") ? "other" : own);
        assertThrows(UnknownInternalsException.class, () -> weaving.weave(LOADER, name, other));
        assertEquals("event loops", weaving.find(LOADER, name).unnoticed());
        assertNull(new NettyWeaving(false).find(LOADER, name), "only with track=all");
    }
}
