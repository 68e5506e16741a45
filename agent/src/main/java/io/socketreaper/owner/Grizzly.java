package io.socketreaper.owner;

import java.io.IOException;
import java.lang.reflect.Method;

/**
 * Grizzly: the attachment is the {@code NIOConnection}. {@code terminateWithReason} tells its close listeners and probes of the cause
 * and leaves the channel to its selector's thread; {@code closeWithReason} would wait for writes that can no longer succeed.
 */
final class Grizzly implements Framework {
    private static final String CONNECTION = "glassfish.grizzly.nio.NIOConnection";

    @Override
    public Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, CONNECTION);
        if (type == null) {
            return null;
        }
        Method terminate = type.getMethod("terminateWithReason", IOException.class);
        return new FrameworkOwner("Grizzly " + attachment.getClass().getName() + ", terminated",
                FrameworkOwner.callersThread(attachment), cause -> terminate.invoke(attachment, cause));
    }
}
