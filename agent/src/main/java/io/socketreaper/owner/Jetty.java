package io.socketreaper.owner;

import java.lang.reflect.Method;

/**
 * Jetty 9 to 12: the attachment is the network's {@code EndPoint}. Its {@code close()} closes the connection above it, with
 * TLS the decrypted one too, and tells Jetty's listeners and statistics on a thread of Jetty's.
 */
final class Jetty implements Framework {
    private static final String END_POINT = "eclipse.jetty.io.EndPoint";

    @Override
    public Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, END_POINT);
        if (type == null) {
            return null;
        }
        Method close = type.getMethod("close");
        return new FrameworkOwner("Jetty " + attachment.getClass().getName() + ", closed as an EndPoint",
                FrameworkOwner.callersThread(attachment), cause -> close.invoke(attachment));
    }
}
