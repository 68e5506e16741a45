package io.socketreaper.owner;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Apache HttpCore 5, below HttpClient 5's asynchronous clients: the attachment is the {@code InternalDataChannel} of a connection. It is
 * closed, which leaves the rest to its reactor's thread: that tells the exchanges of a {@code ConnectionClosedException}, after which a
 * client does not repeat a request. It would repeat it after a reset that the reactor's thread meets in a read of its own. So the
 * channel is not handed back, and the session on the socket is closed first: a TLS session above it would otherwise wait for the peer's
 * close_notify, and read. A session whose channel is closed below it is never met again. The second way closes with a reset. It is
 * not the first, because up to 5.3 the application is not told of it.
 *
 * <p>From 5.4 on a session shuts its output before it closes, which throws where the claim has taken the channel out of the state
 * "connected". The exchanges are told all the same, by the callback of that close, and the channel is closed as one of the JDK.
 */
final class HttpCore5 implements Framework {
    private static final String CHANNEL = "hc.core5.reactor.InternalDataChannel";
    private static final String CLOSEABLE = "hc.core5.io.ModalCloseable";
    private static final String MODE = ".CloseMode";
    /** The field of the session on the socket, from 5.0 to 5.5 at least. */
    private static final String SOCKET_SESSION = "ioSession";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        if (Members.typeOf(attachment, CHANNEL) == null) {
            return null;
        }
        Class<?> closeable = Members.knownTypeOf(attachment, CLOSEABLE);
        Class<?> mode = Class.forName(closeable.getPackageName() + MODE, true, closeable.getClassLoader());
        Object graceful = mode.getField("GRACEFUL").get(null);
        Object immediate = mode.getField("IMMEDIATE").get(null);
        Method close = closeable.getMethod("close", mode);
        Object socketSession = Members.field(attachment, attachment.getClass(), SOCKET_SESSION);
        Executor callers = FrameworkOwner.callersThread(attachment);
        return new FrameworkOwner(
                        "HttpCore 5 " + attachment.getClass().getName() + ", closed as a session", callers, cause -> {
                            close.invoke(socketSession, graceful);
                            close.invoke(attachment, graceful);
                        })
                .then(callers, cause -> close.invoke(attachment, immediate))
                .withoutHandBack();
    }
}
