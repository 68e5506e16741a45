package io.socketreaper.owner;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Apache MINA: the attachment is the {@code NioSession}. Its filters and its handler are told of the failure, as MINA does when a
 * read fails; {@code closeNow()} leaves the rest to its processor's thread.
 */
final class Mina implements Framework {
    private static final String SESSION = "apache.mina.core.session.IoSession";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, SESSION);
        if (type == null) {
            return null;
        }
        Method closeNow = type.getMethod("closeNow");
        Method filters = type.getMethod("getFilterChain");
        Method fail = filters.getReturnType().getMethod("fireExceptionCaught", Throwable.class);
        return new FrameworkOwner(
                "MINA " + attachment.getClass().getName() + ", closed by its processor",
                FrameworkOwner.callersThread(attachment),
                cause -> {
                    try {
                        fail.invoke(filters.invoke(attachment), cause);
                    } finally {
                        closeNow.invoke(attachment);
                    }
                });
    }
}
