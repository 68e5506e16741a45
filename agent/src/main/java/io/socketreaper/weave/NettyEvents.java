package io.socketreaper.weave;

import java.util.function.ObjIntConsumer;
import sun.nio.ch.SocketReaperHook;

/** What the planted classes call: the hook, so that whatever silences it silences them. */
final class NettyEvents implements ObjIntConsumer<Object> {
    static final NettyEvents INSTANCE = new NettyEvents();

    private NettyEvents() {
    }

    @Override
    public void accept(Object channel, int event) {
        switch (event) {
            case SocketReaperHook.HALF_CLOSED -> SocketReaperHook.halfClosed(channel);
            case SocketReaperHook.INTEREST_CHANGED -> SocketReaperHook.interestChanged(channel);
            case SocketReaperHook.CLOSED -> SocketReaperHook.closed(channel);
            case SocketReaperHook.OPENED -> SocketReaperHook.opened(channel);
            case SocketReaperHook.RELEASED -> SocketReaperHook.released(true, channel);
            case SocketReaperHook.WROTE -> {
                if (SocketReaperHook.traffic) {
                    SocketReaperHook.wrote(channel);
                }
            }
            default -> {
            }
        }
    }
}
