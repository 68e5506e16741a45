package io.socketreaper.owner;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Apache HttpCore 4 NIO, below HttpAsyncClient: the attachment is the {@code IOSession}. It finds out by its own read when it is handed
 * back; its {@code shutdown()} leaves the rest to its reactor's thread.
 */
final class HttpCore4 implements Framework {
    private static final String SESSION = "http.nio.reactor.IOSession";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, SESSION);
        if (type == null) {
            return null;
        }
        Method shutdown = type.getMethod("shutdown");
        return new FrameworkOwner(
                "HttpCore 4 " + attachment.getClass().getName() + ", shut down as a session",
                FrameworkOwner.callersThread(attachment),
                cause -> shutdown.invoke(attachment));
    }
}
