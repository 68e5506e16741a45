package io.socketreaper.owner;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat 9 to 11: the attachment is the {@code NioSocketWrapper}. It is told of an error, on Tomcat's executor, as Tomcat
 * does when a read times out: only so do upgrade handlers and asynchronous requests hear of the end. The wrapper is given the
 * cause, which its listeners are told; without one it would be null. If a request holds the connection's lock, or the executor
 * has no thread to spare, {@code close()} alone frees it and counts it down.
 */
final class Tomcat implements Framework {
    private static final String WRAPPER = "apache.tomcat.util.net.SocketWrapperBase";
    private static final String EVENT = ".SocketEvent";

    @Override
    public @Nullable Owner ownerBy(Object attachment) throws ReflectiveOperationException {
        return ownerOf(attachment);
    }

    /** Null if it is not a connection of Tomcat. */
    static @Nullable Owner ownerOf(Object wrapper) throws ReflectiveOperationException {
        Class<?> type = Members.typeOf(wrapper, WRAPPER);
        return type == null ? null : owner(wrapper, type);
    }

    private static Owner owner(Object wrapper, Class<?> type) throws ReflectiveOperationException {
        Class<?> event = Class.forName(type.getPackageName() + EVENT, false, type.getClassLoader());
        Object error = event.getField("ERROR").get(null);
        Method process = type.getMethod("processSocket", event, boolean.class);
        Method setError = type.getMethod("setError", IOException.class);
        Method close = type.getMethod("close");
        var lock = (Lock) type.getMethod("getLock").invoke(wrapper);
        Executor executor = executorOf(wrapper, type);
        Executor callers = FrameworkOwner.callersThread(wrapper);
        return new FrameworkOwner(
                        "Tomcat " + wrapper.getClass().getName() + ", closed by its endpoint",
                        executor == null ? callers : executor,
                        cause -> {
                            setError.invoke(wrapper, cause);
                            if (!lock.tryLock()) {
                                close.invoke(wrapper);
                                return;
                            }
                            try {
                                process.invoke(wrapper, error, false);
                            } finally {
                                lock.unlock();
                            }
                        })
                .then(callers, cause -> close.invoke(wrapper));
    }

    /** Null once Tomcat is stopped. */
    private static Executor executorOf(Object wrapper, Class<?> type) throws ReflectiveOperationException {
        Object endpoint = Members.method(type, "getEndpoint").invoke(wrapper);
        return (Executor) Members.method(endpoint.getClass(), "getExecutor").invoke(endpoint);
    }
}
