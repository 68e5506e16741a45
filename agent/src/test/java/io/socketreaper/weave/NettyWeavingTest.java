package io.socketreaper.weave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.socketreaper.weave.relocated.netty.channel.ChannelOutboundBuffer;
import io.socketreaper.weave.relocated.netty.channel.epoll.AbstractEpollChannel;
import io.socketreaper.weave.relocated.netty.channel.epoll.AbstractEpollStreamChannel;
import io.socketreaper.weave.relocated.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sun.nio.ch.SocketReaperHook;

/** A relocated Netty is woven and run in a loader of its own; the real ones are in agent-test-app. */
class NettyWeavingTest {
    private static final String CHANNEL = AbstractEpollChannel.class.getName().replace('.', '/');
    private static final String PLANTED = AbstractEpollChannel.class.getPackageName() + ".SocketReaperHook";

    private final List<Integer> events = new ArrayList<>();

    /** Loads the woven classes beside each other, and sees nothing of the hook in java.base. */
    private final class Application extends ClassLoader {
        Application(NettyWeaving weaving) throws Exception {
            super(null);
            var planted = NettyWeaving.plantedClass(PLANTED.replace('.', '/'));
            var field = defineClass(PLANTED, planted, 0, planted.length).getDeclaredField("delegate");
            field.setAccessible(true);
            field.set(null, (ObjIntConsumer<Object>) (channel, event) -> events.add(event));
            for (var type : List.of(ChannelOutboundBuffer.class, LinuxSocket.class, AbstractEpollChannel.class,
                    AbstractEpollStreamChannel.class)) {
                var name = type.getName().replace('.', '/');
                var bytes = classFile(type);
                var woven = weaving.weavesOfApplication(name) ? weaving.woven(name, bytes) : bytes;
                defineClass(type.getName(), woven, 0, woven.length);
            }
        }
    }

    private static byte[] classFile(Class<?> type) throws IOException {
        try (var in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
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
        assertEquals(List.of(SocketReaperHook.HALF_CLOSED, SocketReaperHook.INTEREST_CHANGED, SocketReaperHook.CLOSED), events);
    }

    @Test
    void tellsOfEveryChannelWithTrackAll() throws Exception {
        live(true);
        assertEquals(List.of(SocketReaperHook.OPENED, SocketReaperHook.WROTE, SocketReaperHook.HALF_CLOSED,
                SocketReaperHook.INTEREST_CHANGED, SocketReaperHook.CLOSED, SocketReaperHook.RELEASED,
                SocketReaperHook.OPENED, SocketReaperHook.RELEASED), events);
    }

    @ParameterizedTest
    @ValueSource(strings = {"doBeginRead", "doClose", "socket"})
    void aNettyThatLacksAMemberIsRefused(String missing) throws IOException {
        var other = ClassFiles.renamed(classFile(AbstractEpollChannel.class), name -> name.equals(missing) ? "other" : name);
        assertThrows(UnknownInternalsException.class, () -> new NettyWeaving(false).woven(CHANNEL, other));
    }

    @Test
    void knowsItsClassesByTheEndOfTheirNames() {
        var weaving = new NettyWeaving(false);
        assertTrue(weaving.weavesOfApplication("io/netty/channel/epoll/AbstractEpollStreamChannel"));
        assertTrue(weaving.weavesOfApplication("io/netty/channel/uring/AbstractIoUringChannel"));
        assertFalse(weaving.weavesOfApplication("io/netty/channel/epoll/EpollSocketChannel"));
        assertFalse(weaving.weavesOfApplication("io/netty/channel/nio/AbstractNioChannel"));
    }
}
