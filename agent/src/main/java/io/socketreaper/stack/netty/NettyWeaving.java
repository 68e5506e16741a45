package io.socketreaper.stack.netty;

import io.socketreaper.stack.HookTable;
import io.socketreaper.stack.StackWeaving;
import io.socketreaper.stack.WovenClass;
import java.security.ProtectionDomain;
import sun.nio.ch.SocketReaperHook;

/**
 * Netty's native transports, which bypass {@code sun.nio.ch}: epoll of 4.1 and 4.2, io_uring of 4.2. They are found by the
 * end of their names, because many products carry a relocated Netty. In Java the woven code amounts to
 *
 * <pre>{@code
 * // AbstractEpollStreamChannel, AbstractIoUringStreamChannel; on the channel's event loop
 * void doShutdownOutput() { ...; SocketReaperHook.event(this, HALF_CLOSED); }
 *
 * // AbstractEpollChannel, AbstractIoUringChannel; what asks for the next read, automatically or not
 * void doBeginRead() { if (socket.isOutputShutdown()) SocketReaperHook.event(this, INTEREST_CHANGED); ... }
 * void doClose()     { if (socket.isOutputShutdown()) SocketReaperHook.event(this, CLOSED); ... }
 *
 * // AbstractEpollChannel.doReadBytes, and at the entry AbstractIoUringStreamChannel.IoUringStreamUnsafe.readComplete0; the hook in
 * // java.base makes READ, READ_NOTHING and END_OF_INPUT of it, for a half-closed channel or while reads are observed
 * int doReadBytes(ByteBuf) { ...; SocketReaperHook.event(this, NATIVE_READ + signum(n) + 4 * socket.isOutputShutdown()); return n; }
 *
 * // with track=all
 * AbstractEpollStreamChannel(...) { ...; SocketReaperHook.event(this, OPENED); }
 * void doWrite(...)               { SocketReaperHook.event(this, WROTE); ... }
 * void doClose()                  { ...; SocketReaperHook.event(this, RELEASED); }
 *
 * // what is only counted: event loops (EpollEventLoop, EpollIoHandler, IoUringIoHandler), server and datagram channels
 * EpollIoHandler(...) { ...; SocketReaperHook.event(this, OPENED); }
 * void destroy()      { ...; SocketReaperHook.event(this, RELEASED); }
 *
 * // channel.unix.Errors, where a refusal of the kernel becomes an exception: accept, the making of a socket, bind and the like
 * static NativeIoException newIOException(String method, int error) { ...; SocketReaperHook.event(e, FAILED); return e; }
 * }</pre>
 *
 * This {@code SocketReaperHook} is a class that the agent defines in Netty's own package and loader, because no other class of the
 * agent is visible from every application's loader. It only uses types of {@code java.base}.
 */
final class NettyWeaving extends StackWeaving {
    private static final String EPOLL = "netty/channel/epoll/AbstractEpollChannel";
    private static final String EPOLL_STREAM = "netty/channel/epoll/AbstractEpollStreamChannel";
    private static final String URING = "netty/channel/uring/AbstractIoUringChannel";
    private static final String URING_STREAM = "netty/channel/uring/AbstractIoUringStreamChannel";
    private static final String URING_READS = URING_STREAM + "$IoUringStreamUnsafe";
    private static final String ERRORS = "netty/channel/unix/Errors";

    private static final String EPOLL_LOOP = "netty/channel/epoll/EpollEventLoop";
    private static final String EPOLL_HANDLER = "netty/channel/epoll/EpollIoHandler";
    private static final String URING_HANDLER = "netty/channel/uring/IoUringIoHandler";
    private static final String[] COUNTED_CHANNELS = {
        "netty/channel/epoll/AbstractEpollServerChannel",
        "netty/channel/epoll/EpollDatagramChannel",
        "netty/channel/uring/AbstractIoUringServerChannel",
        "netty/channel/uring/IoUringDatagramChannel"
    };

    private static final String CLEANUP = "cleanup";

    private static final String WRITE = "doWrite(*/ChannelOutboundBuffer;)V";

    private final boolean all;

    /** @param all true to weave for {@code track=all} */
    public NettyWeaving(boolean all) {
        this.all = all;
        ofApplication(EPOLL).tellsOfUse();
        ofApplication(EPOLL_STREAM).tellsOfUse();
        ofApplication(URING).tellsOfUse();
        ofApplication(URING_STREAM).tellsOfUse();
        ofApplication(URING_READS).unlessUnknown("the bytes that io_uring has read");
        // Loaded as soon as a program asks whether there are native transports.
        ofApplication(ERRORS).unlessUnknown("running out of descriptors");
        if (all) {
            ofApplication(EPOLL_LOOP).unlessUnknown("event loops");
            ofApplication(EPOLL_HANDLER).unlessUnknown("event loops");
            ofApplication(URING_HANDLER).unlessUnknown("event loops");
            for (String channel : COUNTED_CHANNELS) {
                ofApplication(channel).unlessUnknown("listeners or datagram channels");
            }
        }
    }

    @Override
    protected void describe(WovenClass woven, HookTable table) {
        String name = table.className();
        var calls = new PlantedCalls(name);
        switch (woven.name()) {
            case EPOLL, URING -> describeChannel(table, calls);
            case EPOLL_STREAM, URING_STREAM -> {
                // Of io_uring since 4.2.18 by way of the channel's own doShutdownOutput, which lets go of its writes
                // first.
                table.anyMethod(
                        calls.beforeReturn(SocketReaperHook.HALF_CLOSED),
                        "doShutdownOutput()V",
                        "doShutdownOutput0()V");
                if (all) {
                    table.method("<init>*", calls.afterConstruction(SocketReaperHook.OPENED))
                            .methodIfThere(WRITE, calls.atEntry(SocketReaperHook.WROTE));
                }
            }
            case URING_READS ->
                table.field(PlantedCalls.OUTER, "L" + name.substring(0, name.indexOf('$')) + ";")
                        .method("readComplete0(BI*", calls.readOfUring(all));
            case EPOLL_LOOP -> {
                // In Netty 4.2 the handler has the descriptors.
                if (table.hasMethod(CLEANUP)) {
                    describeLoop(table, calls, CLEANUP.concat("()V"));
                }
            }
            case EPOLL_HANDLER, URING_HANDLER -> describeLoop(table, calls, "destroy()V");
            case ERRORS ->
                table.method("newIOException(Ljava/lang/String;I)L*", calls.withResult(SocketReaperHook.FAILED));
            // Their close is that of every channel.
            default -> table.method("<init>*", calls.afterConstruction(SocketReaperHook.OPENED));
        }
    }

    private static void describeLoop(HookTable table, PlantedCalls calls, String closing) {
        table.method("<init>*", calls.afterConstruction(SocketReaperHook.OPENED))
                .method(closing, calls.beforeReturn(SocketReaperHook.RELEASED));
    }

    private void describeChannel(HookTable table, PlantedCalls calls) {
        table.field(PlantedCalls.SOCKET, "L" + calls.socketType() + ";")
                .method("doBeginRead()V", calls.whenOutputShut(SocketReaperHook.INTEREST_CHANGED))
                .method("doClose()V", calls.whenOutputShut(SocketReaperHook.CLOSED))
                .methodIfThere("doReadBytes(*/ByteBuf;)I", calls.readOfEpoll(all));
        if (all) {
            // epoll has it in the stream channel
            table.method("doClose()V", calls.beforeReturn(SocketReaperHook.RELEASED))
                    .methodIfThere(WRITE, calls.atEntry(SocketReaperHook.WROTE));
        }
    }

    @Override
    protected void prepare(ClassLoader loader, ProtectionDomain domain, String name)
            throws ReflectiveOperationException {
        String planted = PlantedHook.beside(name);
        SocketReaperHook.plant(loader, domain, planted, PlantedHook.classFile(planted));
    }
}
