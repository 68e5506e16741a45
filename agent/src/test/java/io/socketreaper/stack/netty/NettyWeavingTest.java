package io.socketreaper.stack.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.stack.ClassFiles;
import io.socketreaper.stack.HookClass;
import io.socketreaper.stack.UnknownInternalsException;
import io.socketreaper.stack.netty.weaving.relocated.netty.buffer.ByteBuf;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.ChannelOutboundBuffer;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.AbstractEpollChannel;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.AbstractEpollStreamChannel;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.epoll.LinuxSocket;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.unix.Errors;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring.AbstractIoUringChannel;
import io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring.AbstractIoUringStreamChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SocketReaperHook;

/** A relocated Netty is woven and run in a loader of its own; the real ones are in agent-test-app. */
class NettyWeavingTest {
    private static final String CHANNEL = AbstractEpollChannel.class.getName().replace('.', '/');
    private static final String STREAM =
            AbstractEpollStreamChannel.class.getName().replace('.', '/');
    private static final String ERRORS = Errors.class.getName().replace('.', '/');

    private static final ClassLoader LOADER = NettyWeavingTest.class.getClassLoader();

    private final List<Integer> events = new ArrayList<>();
    private Object last;

    @BeforeAll
    static void defineTheHook() throws Exception {
        try (var in = NettyWeavingTest.class.getClassLoader().getResourceAsStream(HookClass.resource())) {
            HookClass.define(in.readAllBytes());
        }
    }

    /** Loads the woven classes beside each other, and sees nothing of the hook in java.base. */
    private final class Application extends ClassLoader {
        Application(NettyWeaving weaving) throws Exception {
            super(null);
            plant(AbstractEpollChannel.class);
            plant(Errors.class);
            plant(AbstractIoUringStreamChannel.class);
            for (var type : List.of(
                    ChannelOutboundBuffer.class,
                    ByteBuf.class,
                    LinuxSocket.class,
                    AbstractEpollChannel.class,
                    AbstractEpollStreamChannel.class,
                    Errors.NativeIoException.class,
                    Errors.class,
                    io.socketreaper.stack.netty.weaving.relocated.netty.channel.uring.LinuxSocket.class,
                    AbstractIoUringChannel.class,
                    AbstractIoUringStreamChannel.class,
                    AbstractIoUringStreamChannel.IoUringStreamUnsafe.class)) {
                var name = type.getName().replace('.', '/');
                var bytes = classFile(type);
                // Of io_uring only what ends its reads is imitated.
                var woven = weaving.weaves(LOADER, name)
                                && !name.endsWith("IoUringStreamChannel")
                                && !name.endsWith("IoUringChannel")
                        ? woven(weaving, name, bytes)
                        : bytes;
                defineClass(type.getName(), woven, 0, woven.length);
            }
        }

        private void plant(Class<?> beside) throws Exception {
            var name = beside.getPackageName() + ".SocketReaperHook";
            var planted = PlantedHook.classFile(name.replace('.', '/'));
            var field = defineClass(name, planted, 0, planted.length).getDeclaredField("delegate");
            field.setAccessible(true);
            field.set(null, (ObjIntConsumer<Object>) (told, event) -> {
                events.add(event);
                last = told;
            });
        }
    }

    private static byte[] woven(NettyWeaving weaving, String name, byte[] classFile) throws UnknownInternalsException {
        return weaving.weave(LOADER, name, classFile);
    }

    private static byte[] classFile(Class<?> type) throws IOException {
        try (var in = type.getResourceAsStream(
                type.getName().substring(type.getPackageName().length() + 1) + ".class")) {
            return in.readAllBytes();
        }
    }

    private void live(boolean all) throws Exception {
        var application = new Application(new NettyWeaving(all));
        var type = application.loadClass(AbstractEpollStreamChannel.class.getName());
        var buffer = application.loadClass(ChannelOutboundBuffer.class.getName());
        var channel = type.getConstructor().newInstance();
        type.getMethod("doBeginRead").invoke(channel);
        type.getMethod("doWrite", buffer).invoke(channel, (Object) null);
        type.getMethod("doShutdownOutput").invoke(channel);
        type.getMethod("doBeginRead").invoke(channel);
        type.getMethod("doClose").invoke(channel);
        type.getMethod("doClose").invoke(type.getConstructor(int.class).newInstance(1));
    }

    @Test
    void tellsOfHalfClosedChannelsOnly() throws Exception {
        live(false);
        assertEquals(
                List.of(SocketReaperHook.HALF_CLOSED, SocketReaperHook.INTEREST_CHANGED, SocketReaperHook.CLOSED),
                events);
    }

    @Test
    void tellsOfEveryChannelWithTrackAll() throws Exception {
        live(true);
        assertEquals(
                List.of(
                        SocketReaperHook.OPENED,
                        SocketReaperHook.WROTE,
                        SocketReaperHook.HALF_CLOSED,
                        SocketReaperHook.INTEREST_CHANGED,
                        SocketReaperHook.CLOSED,
                        SocketReaperHook.RELEASED,
                        SocketReaperHook.OPENED,
                        SocketReaperHook.RELEASED),
                events);
    }

    @Test
    void tellsOfWhatTheKernelRefusesButNotOfAReset() throws Exception {
        var errors = new Application(new NettyWeaving(false)).loadClass(Errors.class.getName());
        errors.getMethod("newConnectionResetException", String.class, int.class).invoke(null, "read", -104);
        assertEquals(List.of(), events);
        var thrown = errors.getMethod("newIOException", String.class, int.class).invoke(null, "accept", -24);
        assertEquals(List.of(SocketReaperHook.FAILED), events);
        assertSame(thrown, last);
    }

    /** What {@code doReadBytes} returns: bytes, nothing, the end of input. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsWhatAReadOfEpollHasBrought(boolean all) throws Exception {
        var application = new Application(new NettyWeaving(all));
        var type = application.loadClass(AbstractEpollStreamChannel.class.getName());
        var channel = type.getConstructor().newInstance();
        var read = type.getMethod("doReadBytes", application.loadClass(ByteBuf.class.getName()));
        for (boolean halfClosed : new boolean[] {false, true}) {
            if (halfClosed) {
                type.getMethod("doShutdownOutput").invoke(channel);
            }
            for (int result : new int[] {5, 0, -1}) {
                events.clear();
                type.getField("next").setInt(channel, result);
                assertEquals(result, read.invoke(channel, (Object) null));
                assertSame(channel, last);
                assertEquals(
                        expected(halfClosed, all, Integer.signum(result), -1),
                        heard(false),
                        "a read returned " + result);
                assertEquals(traffic(halfClosed, all, Integer.signum(result), -1), heard(true));
            }
        }
    }

    /** The result that io_uring gives: bytes, the end of input, an error. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsWhatAReadOfIoUringHasBrought(boolean all) throws Exception {
        var application = new Application(new NettyWeaving(all));
        var type = application.loadClass(AbstractIoUringStreamChannel.class.getName());
        var channel = type.getConstructor().newInstance();
        var unsafe = type.getField("unsafe").get(channel);
        var socket = type.getField("socket").get(channel);
        for (boolean halfClosed : new boolean[] {false, true}) {
            socket.getClass().getField("outputShutdown").setBoolean(socket, halfClosed);
            for (int result : new int[] {5, 0, -125}) {
                events.clear();
                unsafe.getClass()
                        .getMethod("readComplete0", byte.class, int.class, int.class, short.class, int.class)
                        .invoke(unsafe, (byte) 0, result, 0, (short) 0, 0);
                assertEquals(result, type.getField("completed").getInt(channel));
                assertSame(channel, last);
                assertEquals(
                        expected(halfClosed, all, Integer.signum(result), 0),
                        heard(false),
                        "a read returned " + result);
                assertEquals(traffic(halfClosed, all, Integer.signum(result), 0), heard(true));
            }
        }
    }

    private static List<Integer> expected(boolean halfClosed, boolean all, int sign, int end) {
        var expected = new ArrayList<Integer>();
        if (halfClosed) {
            expected.add(sign > 0 ? SocketReaperHook.READ : SocketReaperHook.READ_NOTHING);
        }
        if (sign == end && (halfClosed || all)) {
            expected.add(SocketReaperHook.END_OF_INPUT);
        }
        return expected;
    }

    private static List<Integer> traffic(boolean halfClosed, boolean all, int sign, int end) {
        var expected = expected(true, all, sign, end);
        if (sign == end && !halfClosed && !all) {
            expected.remove((Integer) SocketReaperHook.END_OF_INPUT);
        }
        return expected;
    }

    /** What the hook in java.base makes of what was told last. */
    private List<Integer> heard(boolean traffic) throws Exception {
        var told = new ArrayList<Integer>();
        var hook = SocketReaperHook.class.getDeclaredConstructor();
        hook.setAccessible(true);
        SocketReaperHook.delegate((channel, event) -> told.add(event));
        SocketReaperHook.traffic = traffic;
        try {
            hook.newInstance().accept(last, events.get(events.size() - 1));
        } finally {
            SocketReaperHook.delegate(null);
        }
        return told;
    }

    /** Its channels are watched as before. */
    @Test
    void aNettyWhoseErrorsAreMadeElsewhereOnlyLacksThat() throws IOException {
        var weaving = new NettyWeaving(false);
        var other = ClassFiles.renamed(classFile(Errors.class), name -> name.equals("newIOException") ? "other" : name);
        assertThrows(UnknownInternalsException.class, () -> woven(weaving, ERRORS, other));
        assertEquals("running out of descriptors", weaving.find(LOADER, ERRORS).unnoticed());
        assertNull(weaving.find(LOADER, CHANNEL).unnoticed());
    }

    @Test
    void aProgramThatOnlyAsksForNativeTransportsDoesNotUseThem() {
        var weaving = new NettyWeaving(false);
        assertFalse(weaving.find(LOADER, "io/netty/channel/unix/Errors").isSignOfUse());
        assertTrue(weaving.find(LOADER, "io/netty/channel/epoll/AbstractEpollChannel")
                .isSignOfUse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"doBeginRead", "doClose", "socket"})
    void aNettyThatLacksAMemberIsRefused(String missing) throws IOException {
        var other = ClassFiles.renamed(
                classFile(AbstractEpollChannel.class), name -> name.equals(missing) ? "other" : name);
        assertThrows(UnknownInternalsException.class, () -> woven(new NettyWeaving(false), CHANNEL, other));
    }

    /** The stream channel's own method is called {@code doShutdownOutput0} since 4.2.18 where that is io_uring's. */
    @ParameterizedTest
    @ValueSource(strings = {"doShutdownOutput", "doShutdownOutput0"})
    void eitherNameOfAHalfCloseIsWoven(String name) throws Exception {
        var renamed = ClassFiles.renamed(
                classFile(AbstractEpollStreamChannel.class),
                method -> method.equals("doShutdownOutput") ? name : method);
        assertEquals(
                Set.of(name + "()V"), ClassFiles.callersOf("event", woven(new NettyWeaving(false), STREAM, renamed)));
    }

    @Test
    void aStreamChannelThatIsHalfClosedElsewhereIsRefused() throws IOException {
        var other = ClassFiles.renamed(
                classFile(AbstractEpollStreamChannel.class), name -> name.equals("doShutdownOutput") ? "other" : name);
        assertThrows(UnknownInternalsException.class, () -> woven(new NettyWeaving(false), STREAM, other));
    }

    @Test
    void knowsItsClassesByTheEndOfTheirNames() {
        var weaving = new NettyWeaving(false);
        assertTrue(weaving.weaves(LOADER, "io/netty/channel/epoll/AbstractEpollStreamChannel"));
        assertTrue(weaving.weaves(LOADER, "io/netty/channel/uring/AbstractIoUringChannel"));
        assertTrue(weaving.weaves(LOADER, "io/netty/channel/unix/Errors"));
        assertFalse(weaving.weaves(LOADER, "io/netty/channel/epoll/EpollSocketChannel"));
        assertFalse(weaving.weaves(LOADER, "io/netty/channel/nio/AbstractNioChannel"));
    }
}
