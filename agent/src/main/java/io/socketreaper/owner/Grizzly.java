package io.socketreaper.owner;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Grizzly: the attachment is the {@code NIOConnection}. Its own read takes a reset for the end of input, and closes the connection as one
 * that the peer has ended; so it is not handed back. Its filters are told of the failure, and {@code terminateWithReason} tells its close
 * listeners and probes of the cause and leaves the channel to its selector's thread; {@code closeWithReason} would wait for writes that
 * can no longer succeed.
 */
final class Grizzly implements Framework {
    private static final String CONNECTION = "glassfish.grizzly.nio.NIOConnection";
    private static final String ANY_CONNECTION = "glassfish.grizzly.Connection";
    private static final String CHAIN = "grizzly.filterchain.FilterChain";
    private static final String FILTER = "grizzly.filterchain.Filter";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(attachment, CONNECTION);
        if (type == null) {
            return null;
        }
        Method terminate = type.getMethod("terminateWithReason", IOException.class);
        return new FrameworkOwner(
                        "Grizzly " + attachment.getClass().getName() + ", terminated",
                        FrameworkOwner.callersThread(attachment),
                        cause -> {
                            try {
                                tellFilters(attachment, cause);
                            } finally {
                                terminate.invoke(attachment, cause);
                            }
                        })
                .withoutHandBack();
    }

    /** As Grizzly does after a failed read: the last filter, which is the application's, first. */
    private static void tellFilters(Object connection, IOException cause) throws ReflectiveOperationException {
        Class<?> type = Members.knownTypeOf(connection, ANY_CONNECTION);
        Object processor = type.getMethod("getProcessor").invoke(connection);
        Class<?> chain = Members.typeOf(processor, CHAIN);
        if (chain == null || !(processor instanceof List<?> filters)) {
            return;
        }
        Method obtain = chain.getMethod("obtainFilterChainContext", type);
        Object context = obtain.invoke(processor, connection);
        for (int i = filters.size() - 1; i >= 0; i--) {
            Object filter = filters.get(i);
            Method told = Members.knownTypeOf(filter, FILTER)
                    .getMethod("exceptionOccurred", obtain.getReturnType(), Throwable.class);
            try {
                told.invoke(filter, context, cause);
            } catch (InvocationTargetException filterFailed) {
                // the others are told all the same
            }
        }
    }
}
