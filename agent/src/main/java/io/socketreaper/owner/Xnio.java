package io.socketreaper.owner;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * XNIO, below Undertow and JBoss Remoting: the attachment is the {@code NioHandle} of a connection. The connection is closed, which
 * its channels' close listeners hear of only if it comes first, and what is above it is terminated: with TLS that is another
 * connection. Both on its I/O thread, where its listeners expect to run. XNIO's reads of a closed connection return the end of input, so
 * the channel that the application reads is made to fail before ({@link XnioSource}).
 */
final class Xnio implements Framework {
    private static final String HANDLE = "xnio.nio.NioHandle";
    private static final String CONNECTION = "xnio.Connection";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        Class<?> handle = Members.typeOf(attachment, HANDLE);
        if (handle == null) {
            return null;
        }
        Object connection = Members.field(attachment, attachment.getClass(), "connection");
        Class<?> type = Members.knownTypeOf(connection, CONNECTION);
        Method terminate = Members.method(handle, "forceTermination");
        Method close = type.getMethod("close");
        var thread = (Executor) type.getMethod("getIoThread").invoke(connection);
        return new FrameworkOwner(
                        "XNIO " + connection.getClass().getName() + ", closed on its I/O thread", thread, cause -> {
                            failReads(attachment, thread, cause);
                            close.invoke(connection);
                            terminate.invoke(attachment);
                            // Undertow ends its exchange when it hears of the close, and puts its first conduit back.
                            failReads(attachment, thread, cause);
                        })
                .onItsEventLoop();
    }

    /** Makes its reads fail; a connection of an unknown XNIO is closed without that. */
    private static void failReads(Object handle, Executor thread, IOException cause) {
        try {
            XnioSource.fail(handle, thread, cause);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError notAsKnown) {
            // then a later read may take the close for the end of input
        }
    }
}
