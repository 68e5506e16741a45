package io.socketreaper.owner;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Jetty 9 to 12: the attachment is the network's {@code EndPoint}. Its {@code close} closes the connection above it, with TLS the
 * decrypted one too, and tells Jetty's listeners and statistics on a thread of Jetty's. The connection of Jetty's client is closed
 * first, with the cause: it takes any end of its end point, even a reset that it reads, for the normal end of an answer without a length.
 * So it must not read the reset by itself, as that of 12.1 would when it is handed back.
 */
final class Jetty implements Framework {
    private static final String END_POINT = "eclipse.jetty.io.EndPoint";
    private static final String TLS = "eclipse.jetty.io.ssl.SslConnection";
    private static final String CLIENT = "internal.HttpConnectionOverHTTP";
    private static final String CLIENT_TO_11 = "eclipse.jetty.client.http.HttpConnectionOverHTTP";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, END_POINT);
        if (type == null) {
            return null;
        }
        Method close = type.getMethod("close");
        return new FrameworkOwner(
                        "Jetty " + attachment.getClass().getName() + ", closed as an EndPoint",
                        FrameworkOwner.callersThread(attachment),
                        cause -> {
                            try {
                                abortClient(connectionOf(attachment, type), cause);
                                closeWith(cause, attachment, type);
                            } finally {
                                close.invoke(attachment);
                            }
                        })
                .then(FrameworkOwner.callersThread(attachment), cause -> close.invoke(attachment))
                .withoutHandBack();
    }

    private static Object connectionOf(Object endPoint, Class<?> type) throws ReflectiveOperationException {
        Object connection = type.getMethod("getConnection").invoke(endPoint);
        Class<?> tls = Members.typeOf(connection, TLS);
        return tls == null ? connection : connectionOf(decrypted(tls).invoke(connection), type);
    }

    private static Method decrypted(Class<?> tls) throws NoSuchMethodException {
        try {
            return tls.getMethod("getSslEndPoint");
        } catch (NoSuchMethodException before12) {
            return tls.getMethod("getDecryptedEndPoint");
        }
    }

    private static void abortClient(Object connection, Throwable cause) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(connection, CLIENT);
        type = type == null ? Members.typeOf(connection, CLIENT_TO_11) : type;
        if (type != null) {
            Members.method(type, "close", Throwable.class).invoke(connection, cause);
        }
    }

    /** Jetty 10 and later have a close with a cause. */
    private static void closeWith(Throwable cause, Object endPoint, Class<?> type)
            throws IllegalAccessException, InvocationTargetException {
        Method close;
        try {
            close = type.getMethod("close", Throwable.class);
        } catch (NoSuchMethodException older) {
            return;
        }
        close.invoke(endPoint, cause);
    }
}
